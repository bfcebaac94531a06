using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>Fetches a checkpoint's weights; the file appears whole and verified, or not at all.</summary>
internal static class WeightsDownload
{
    /// <param name="convert">Writes the weights, read from the first stream, to the second in another format; null keeps them as they are.</param>
    /// <exception cref="CheckpointInvalidException">The stored object is not the one that was published.</exception>
    public static async Task SaveAsync(
        IObjectStore store, CheckpointRecord checkpoint, string path, Func<FileStream, FileStream, CancellationToken, Task>? convert, CancellationToken cancellationToken)
    {
        var (partial, converted) = ($"{path}.{Environment.ProcessId}.part", $"{path}.{Environment.ProcessId}.converted.part");
        try
        {
            await using (var target = Create(partial))
            {
                await FetchAsync(store, checkpoint, target, cancellationToken);
                if (convert is not null)
                {
                    target.Position = 0;
                    await using var other = Create(converted);
                    await convert(target, other, cancellationToken);
                    other.Flush(flushToDisk: true);
                }
            }
            File.Move(convert is null ? partial : converted, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
            File.Delete(converted);
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.ReadWrite);

    private static async Task FetchAsync(IObjectStore store, CheckpointRecord checkpoint, FileStream target, CancellationToken cancellationToken)
    {
        await using (var source = await OpenAsync(store, checkpoint, CheckpointManifest.WeightsFile, cancellationToken))
            await source.CopyToAsync(target, cancellationToken);
        target.Flush(flushToDisk: true);
        target.Position = 0;
        var hash = await Sha256Hex.OfAsync(target, cancellationToken);
        if (hash != checkpoint.WeightsSha256)
        {
            throw new CheckpointInvalidException($"{checkpoint.Prefix}/{CheckpointManifest.WeightsFile}",
                $"its SHA-256 is {hash}, but {checkpoint.WeightsSha256} was published; the stored object is damaged. Fetch another step.");
        }
    }

    /// <summary>One of a checkpoint's objects.</summary>
    internal static async Task<Stream> OpenAsync(IObjectStore store, CheckpointRecord checkpoint, string file, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(checkpoint.Prefix) / file;
        try
        {
            return await store.OpenReadAsync(key, 0, null, cancellationToken);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new CheckpointInvalidException($"{key}", $"the object is gone from {store.Root}, though it was published. Fetch another step, or look whether CHANGEDETECTION_STORE names the right store.", exception);
        }
    }
}
