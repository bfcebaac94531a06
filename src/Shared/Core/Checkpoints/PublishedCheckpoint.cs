using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// A checkpoint in its store, bound to the row that published it: the row holds the manifest's hash, the manifest those of the other objects.
/// Whatever is wrong with an object is one exception, by which a resume takes an earlier checkpoint.
/// </summary>
/// <param name="remedy">What to do about a damaged object: a sentence that ends the message.</param>
public sealed class PublishedCheckpoint(IObjectStore store, CheckpointReference reference, string remedy = "")
{
    /// <summary>The manifest, and its bytes as they were published.</summary>
    /// <exception cref="CheckpointInvalidException">It is gone, or not the one that was published.</exception>
    public Task<(CheckpointManifest Manifest, byte[] Json)> ReadManifestAsync(CancellationToken cancellationToken) =>
        ReadAsync(CheckpointManifest.FileName, reference.ManifestSha256, async published =>
        {
            var json = await Download.ToMemoryAsync(store, published, CheckpointManifest.MaxBytes, cancellationToken);
            return (CheckpointManifest.Parse(json, published.Key.Value), json);
        });

    /// <summary>Reads one of the objects.</summary>
    /// <param name="file">Such as <see cref="CheckpointManifest.WeightsFile"/>.</param>
    /// <param name="read">Reads and verifies the object.</param>
    /// <exception cref="CheckpointInvalidException">It is gone, or not the one that was published.</exception>
    public async Task<T> ReadAsync<T>(string file, string sha256, Func<PublishedObject, Task<T>> read)
    {
        var key = new ObjectKey(reference.Prefix) / file;
        try
        {
            return await read(new PublishedObject(key, sha256, remedy));
        }
        catch (ObjectNotFoundException exception)
        {
            throw new CheckpointInvalidException(
                key.Value,
                $"the object is gone from {store.Root}, though it was published. {remedy}{(remedy is "" ? "" : " ")}"
                + $"Look whether {SystemSettings.StoreVariable} names the right store.", exception);
        }
        catch (ObjectDamagedException exception)
        {
            throw new CheckpointInvalidException(key.Value, exception.Problem, exception);
        }
    }
}
