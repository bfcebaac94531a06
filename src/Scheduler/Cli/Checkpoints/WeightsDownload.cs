using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>Fetches a checkpoint's weights; the file appears whole and verified, or not at all.</summary>
internal static class WeightsDownload
{
    /// <summary>A published checkpoint, for verbs that fetch one of several.</summary>
    public static PublishedCheckpoint Of(IObjectStore store, CheckpointRecord checkpoint) => new(store, checkpoint.Reference, "Fetch another step.");

    /// <param name="convert">Writes the weights, read from the first stream, to the second.</param>
    /// <returns>SHA-256 of the file.</returns>
    /// <exception cref="CheckpointInvalidException">The stored object is not the one that was published.</exception>
    public static Task<string> SaveAsync(
        IObjectStore store, CheckpointRecord checkpoint, string path,
        Func<FileStream, Stream, CancellationToken, Task> convert, CancellationToken cancellationToken) =>
        Of(store, checkpoint).ReadAsync(CheckpointManifest.WeightsFile, checkpoint.WeightsSha256, async published =>
        {
            // Beside what it becomes: there is room for weights.
            await using var weights = await Download.ToTemporaryFileAsync(store, published, Path.GetDirectoryName(path)!, cancellationToken);
            await DurableFile.WriteAsync(path, (target, token) => convert(weights, target, token), mode: null, cancellationToken);
            await using var file = File.OpenRead(path);
            return await Sha256Hex.OfAsync(file, cancellationToken);
        });
}
