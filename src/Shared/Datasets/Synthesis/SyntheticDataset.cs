using ChangeDetection.Imaging.Codecs;

namespace ChangeDetection.Datasets.Synthesis;

/// <summary>
/// Writes generated scenes as a data set of the sysu layout: <c>{train,val,test}/{time1,time2,label}/NAME.png</c>, masks 0/255.
/// Of the pairs 70 % are for training, 15 % each (rounded, at least one) for validation and test; the first ones train, the last ones test.
/// The same arguments give the same files, byte by byte.
/// </summary>
public static class SyntheticDataset
{
    /// <summary>One pair per split.</summary>
    public const int LeastPairs = 3;

    /// <summary>How many pairs each split gets.</summary>
    public static (int Train, int Validation, int Test) Split(int pairs)
    {
        var held = Math.Max(1, (pairs * 15 + 50) / 100);
        return (pairs - 2 * held, held, held);
    }

    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <param name="pairs">At least <see cref="LeastPairs"/>.</param>
    /// <param name="seed">Another seed gives another data set.</param>
    /// <param name="size">Side of the images in pixels.</param>
    /// <param name="progress">Told the number of pairs written so far; may be null.</param>
    /// <exception cref="IOException">The folder is not empty, or cannot be written. As on cancellation, nothing is left behind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Too few pairs, or a size that <see cref="SceneSynthesizer"/> does not know.</exception>
    public static async Task WriteAsync(string folder, int pairs, long seed, int size, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, LeastPairs);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, SceneSynthesizer.LeastSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, SceneSynthesizer.LargestSize);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RefuseContents(folder);
        // Written beside and renamed at the end: what has the name is whole. On the same volume, so that renaming moves no data.
        var partial = $"{folder}.partial-{Guid.NewGuid():N}";
        try
        {
            await WritePairsAsync(partial, pairs, seed, size, progress, cancellationToken);
            RefuseContents(folder);
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            Directory.Move(partial, folder);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static void RefuseContents(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new IOException($"{folder}: exists and is not an empty folder. Name a new folder, or remove what is there.");
    }

    private static async Task WritePairsAsync(string folder, int pairs, long seed, int size, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var (train, validation, _) = Split(pairs);
        foreach (var split in new[] { "train", "val", "test" })
            foreach (var part in new[] { "time1", "time2", "label" })
                Directory.CreateDirectory(Path.Combine(folder, split, part));
        var written = 0;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForAsync(0, pairs, options, async (index, token) =>
        {
            var split = index < train ? "train" : index < train + validation ? "val" : "test";
            var pair = SceneSynthesizer.Generate(seed, index, size);
            foreach (var (part, image) in new[] { ("time1", pair.Before), ("time2", pair.After), ("label", pair.Mask) })
                await File.WriteAllBytesAsync(Path.Combine(folder, split, part, $"{index:D5}.png"), PngEncoder.Encode(image), token);
            progress?.Report(Interlocked.Increment(ref written));
        });
    }
}
