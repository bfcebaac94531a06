namespace ChangeDetection.Datasets.Shards;

/// <summary>A file of a data set is not what its manifest, its index or its checksums say.</summary>
/// <param name="file">The file, as a URI or a name beside <c>dataset.json</c>.</param>
/// <param name="problem">What is wrong, as the end of a sentence that begins with the file.</param>
/// <param name="remedy">What to do about it, a sentence.</param>
public sealed class ShardCorruptException(string file, string problem, string remedy, Exception? inner = null)
    : IOException($"{file} {problem}. {remedy}", inner)
{
    /// <summary>The remedy for bytes that changed after packing.</summary>
    public const string CopyAgain = "Copy the file again from where the data set was packed, or pack the data set again.";

    public string File { get; } = file;
    public string Problem { get; } = problem;
    public string Remedy { get; } = remedy;
}
