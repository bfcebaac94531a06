namespace ChangeDetection.Datasets.Layouts;

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
    /// <summary>What the placeholders of the layout's templates stand for in this pair's paths; empty where code finds the pairs.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
    /// <summary>The files that are not there, of a layout of templates; <see cref="Problem"/> tells the first.</summary>
    public IReadOnlyList<MissingFile> Missing { get; init; } = [];
    /// <summary>The place in a list that names the pair; null where none does.</summary>
    public string? ListedAt { get; init; }
    /// <summary>What is odd about the pair but can be packed, as the text of a warning.</summary>
    public string? Oddity { get; init; }
    /// <summary>
    /// By how many pixels after and mask may be larger or smaller than before, to be cut or filled up with their last row and column; 0 where all
    /// must be of one size.
    /// </summary>
    public int Tolerance { get; init; }
}

/// <summary>A file that a layout's template names and the source has not.</summary>
/// <param name="What">The mask, or one of the dates' images.</param>
/// <param name="Template">Where the layout has such files.</param>
/// <param name="Path">Where this one would be, below the source; what is not known of it stays as the template has it.</param>
/// <param name="Sentence">That it is missing, with the remedy.</param>
public sealed record MissingFile(string What, string Template, string Path, string Sentence);

/// <summary>A file of a source.</summary>
/// <param name="Path">Path below the source, for messages.</param>
/// <param name="FullPath">Where to open it.</param>
public sealed record SourceFile(string Path, string FullPath)
{
    /// <summary>The file's name without its extension.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The files of an image that lies in a folder, one band in each, in the order of its channels; empty for an image in one file.</summary>
    public IReadOnlyList<SourceBand> Bands { get; init; } = [];
}

/// <summary>A band in a file of its own.</summary>
/// <param name="Scale">How many pixels of the first band lie along a side of one of this band's, unless it was resampled to the first one's already.</param>
public sealed record SourceBand(SourceFile File, int Scale);
