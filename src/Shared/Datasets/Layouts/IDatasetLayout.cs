using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>A way in which a data set lies in folders. One file, and one line in <see cref="DatasetLayouts"/>.</summary>
public interface IDatasetLayout
{
    /// <summary>The name that <c>--layout</c> takes.</summary>
    string Name { get; }

    /// <summary>The folders it expects, for help texts.</summary>
    string Folders { get; }

    /// <summary>What the channels of an image are, in their order; null where the layout does not know.</summary>
    IReadOnlyList<string>? Bands => null;

    /// <summary>
    /// Which of the values that its masks hold are change, where the data set's authors say so or its files are known to; null where nothing is known, and
    /// only what cannot be misread is taken.
    /// </summary>
    /// <param name="values">All values of the source's masks, in order.</param>
    MaskRule? ChangeBy(IReadOnlyCollection<long> values) => null;

    /// <summary>Finds the pairs below a source without opening any image, in ordinal order of their paths.</summary>
    /// <returns>Empty where the source is not of this layout.</returns>
    /// <exception cref="PackRequestException">The source is not a folder, or clearly not of this layout.</exception>
    /// <exception cref="DatasetSourceException">A list of names, or a link, is not as it should be.</exception>
    IReadOnlyList<SourcePair> List(string source);
}
