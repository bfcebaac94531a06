using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>A way in which a data set lies in folders.</summary>
public interface IDatasetLayout
{
    /// <summary>The name that <c>--layout</c> takes; of a file of the user's, the file's without its ending.</summary>
    string Name { get; }

    /// <summary>The folders it expects, for help texts.</summary>
    string Folders { get; }

    /// <summary>What the channels of an image are, in their order; null where the layout does not know.</summary>
    IReadOnlyList<string>? Bands => null;

    /// <summary>What the values of its masks mean, whatever they are; null where it does not say.</summary>
    LayoutMasks? Masks => null;

    /// <summary>
    /// Which of the values that its masks hold are change, where that depends on which there are; null where nothing is known, and only what cannot be misread
    /// is taken.
    /// </summary>
    /// <param name="values">All values of the source's masks, in order.</param>
    MaskRule? ChangeBy(IReadOnlyCollection<long> values) => null;

    /// <summary>Why a source holds no pair of this layout, as sentences that name what is there instead; null where nothing can be said.</summary>
    string? Mismatch(string source) => null;

    /// <summary>Finds the pairs below a source without opening any image, in ordinal order of their paths.</summary>
    /// <returns>Empty where the source is not of this layout.</returns>
    /// <exception cref="PackRequestException">The source is not a folder, or clearly not of this layout.</exception>
    /// <exception cref="DatasetSourceException">A list of names, or a link, is not as it should be.</exception>
    IReadOnlyList<SourcePair> List(string source);
}
