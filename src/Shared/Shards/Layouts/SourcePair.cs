namespace ChangeDetection.Shards.Layouts;

/// <summary>Two dates of one scene and the mask of what changed, as files of a source.</summary>
public sealed record SourcePair
{
    /// <summary>Path below the source, with slashes: what <c>--split</c> patterns match and what messages and samples call the pair.</summary>
    public required string Path { get; init; }
    /// <summary>The split that the layout itself puts the pair in; null where the layout has none.</summary>
    public string? Split { get; init; }
    public SourceFile? Before { get; init; }
    public SourceFile? After { get; init; }
    public SourceFile? Mask { get; init; }
    /// <summary>Why the pair cannot be used, as a sentence naming its files; null when all three are there.</summary>
    public string? Problem { get; init; }
}

/// <summary>A file of a source.</summary>
/// <param name="Path">Path below the source, for messages.</param>
/// <param name="FullPath">Where to open it.</param>
public sealed record SourceFile(string Path, string FullPath)
{
    /// <summary>The file's name without its extension.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(FullPath);
}
