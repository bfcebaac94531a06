using System.Text;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Writes the two sidecars of a shard.</summary>
internal static class ShardSidecars
{
    /// <param name="written">Gets the keys that were written, for whoever must take them back.</param>
    /// <returns>SHA-256 of index and checksums.</returns>
    public static async Task<(string IndexSha256, string SumSha256)> PutAsync(
        IObjectStore store, ShardIndex index, List<ObjectKey> written, CancellationToken cancellationToken) =>
        (await PutAsync(store, ShardNames.Index(index.Shard), ShardIndexText.FormatIndex(index), written, cancellationToken),
            await PutAsync(store, ShardNames.Sums(index.Shard), ShardIndexText.FormatSums(index), written, cancellationToken));

    private static async Task<string> PutAsync(IObjectStore store, string name, string text, List<ObjectKey> written, CancellationToken cancellationToken)
    {
        var (key, bytes) = (new ObjectKey(name), Encoding.UTF8.GetBytes(text));
        await store.PutAsync(key, async (stream, token) => await stream.WriteAsync(bytes, token), cancellationToken);
        written.Add(key);
        return Sha256Hex.Of(bytes);
    }
}
