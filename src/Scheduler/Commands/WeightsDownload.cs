using System.Security.Cryptography;
using ChangeDetection.Checkpoints;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>Fetches a checkpoint's weights; the file appears whole and verified, or not at all.</summary>
internal static class WeightsDownload
{
    /// <exception cref="CheckpointInvalidException">The stored object is not the one that was published.</exception>
    public static async Task SaveAsync(IObjectStore store, CheckpointRecord checkpoint, string path, CancellationToken cancellationToken)
    {
        var partial = $"{path}.{Environment.ProcessId}.part";
        try
        {
            string hash;
            await using (var source = await OpenAsync(store, checkpoint, cancellationToken))
            await using (var target = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await source.CopyToAsync(target, cancellationToken);
                target.Flush(flushToDisk: true);
                target.Position = 0;
                hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(target, cancellationToken));
            }
            if (hash != checkpoint.WeightsSha256)
            {
                throw new CheckpointInvalidException($"{checkpoint.Prefix}/{CheckpointManifest.WeightsFile}",
                    $"its SHA-256 is {hash}, but {checkpoint.WeightsSha256} was published; the stored object is damaged. Fetch another step.");
            }
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task<Stream> OpenAsync(IObjectStore store, CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(checkpoint.Prefix) / CheckpointManifest.WeightsFile;
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
