namespace ChangeDetection.Shards.Layouts;

/// <summary>A way in which a data set lies in folders. One file, and one line in <see cref="DatasetLayouts"/>.</summary>
public interface IDatasetLayout
{
    /// <summary>The name that <c>--layout</c> takes.</summary>
    string Name { get; }

    /// <summary>The folders it expects, for help texts.</summary>
    string Folders { get; }

    /// <summary>Finds the pairs below a source without opening any image, in ordinal order of their paths.</summary>
    /// <exception cref="PackRequestException">The source is not a folder, or not of this layout.</exception>
    IReadOnlyList<SourcePair> List(string source);
}
