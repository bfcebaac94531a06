using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>A finished data set in a store: its manifest, and its indexes on request. Safe for concurrent use.</summary>
public sealed class ShardDataset
{
    private ShardDataset(IObjectStore store, DatasetManifest manifest, string sha256, FieldNames? fields) =>
        (Store, Manifest, ManifestSha256, Fields) = (store, manifest, sha256, fields ?? FieldNames.Packed);

    /// <summary>The store whose root holds <c>dataset.json</c> and the shards.</summary>
    public IObjectStore Store { get; }

    public DatasetManifest Manifest { get; }

    /// <summary>What messages call it.</summary>
    public string Subject => $"the data set '{Manifest.Name}' at {Store.Root}";

    /// <summary>
    /// SHA-256 of <c>dataset.json</c>, lower-case hexadecimal: names the whole data set, since the manifest holds the hashes of all its files.
    /// </summary>
    public string ManifestSha256 { get; }

    /// <summary>Which fields are before, after and mask.</summary>
    public FieldNames Fields { get; }

    /// <summary>The same data set with other fields for before, after and mask than its manifest names.</summary>
    public ShardDataset WithFields(FieldNames fields) => new(Store, Manifest, ManifestSha256, fields);

    /// <summary>The same data set with one more split, made of shards that it has.</summary>
    public ShardDataset WithSplit(string name, SplitManifest split) => new(
        Store, Manifest with { Splits = new Dictionary<string, SplitManifest>(Manifest.Splits, StringComparer.Ordinal) { [name] = split } }, ManifestSha256,
        Fields);

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="DatasetMissingException">There is no <c>dataset.json</c>.</exception>
    /// <exception cref="ShardCorruptException">It breaks a rule.</exception>
    public static async Task<ShardDataset> OpenAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        if (await store.LengthAsync(new ObjectKey(DatasetManifest.FileName), cancellationToken) is null)
            throw new DatasetMissingException(store.Root);
        var bytes = await BoundedRead.ReadAsync(store, DatasetManifest.FileName, DatasetManifestFile.MaxBytes, cancellationToken);
        var manifest = DatasetManifestFile.Parse(bytes);
        return new(store, manifest, Sha256Hex.Of(bytes), manifest.Fields);
    }

    /// <summary>Reads a shard's index and checksums, verified against the manifest.</summary>
    /// <exception cref="ShardCorruptException">A sidecar is missing, has another hash than the manifest says, or breaks a rule.</exception>
    public async Task<ShardIndex> ReadIndexAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        var index = await ReadIndexTextAsync(shard, cancellationToken);
        var sums = await ReadSumsTextAsync(shard, cancellationToken);
        return Parse(shard, index, sums);
    }

    /// <summary>The bytes of a shard's index, of the hash that the manifest says.</summary>
    /// <exception cref="ShardCorruptException">It is missing, or has another hash.</exception>
    public Task<byte[]> ReadIndexTextAsync(ShardManifest shard, CancellationToken cancellationToken) => BoundedRead.ReadAsync(
        Store, ShardNames.Index(shard.Name), ShardIndexText.MaxBytes(shard.Bytes), shard.IndexSha256, cancellationToken);

    /// <summary>The bytes of a shard's checksums, of the hash that the manifest says.</summary>
    /// <exception cref="ShardCorruptException">They are missing, or have another hash.</exception>
    public Task<byte[]> ReadSumsTextAsync(ShardManifest shard, CancellationToken cancellationToken) => BoundedRead.ReadAsync(
        Store, ShardNames.Sums(shard.Name), ShardIndexText.MaxBytes(shard.Bytes), shard.SumSha256, cancellationToken);

    /// <summary>What both say, checked against each other and the manifest.</summary>
    /// <exception cref="ShardCorruptException">One breaks a rule.</exception>
    public ShardIndex Parse(ShardManifest shard, byte[] index, byte[] sums) =>
        ShardIndexText.Parse(shard, Encoding.UTF8.GetString(index), Encoding.UTF8.GetString(sums), Fields == FieldNames.Packed ? null : Fields);

    /// <summary>Reads one field with one ranged read, verified against the index.</summary>
    /// <exception cref="ShardCorruptException">The bytes are not those that were packed.</exception>
    public async Task<byte[]> ReadFieldAsync(ShardIndex index, int sample, ShardField field, CancellationToken cancellationToken)
    {
        var bytes = new byte[field.Length];
        await using var stream = await Store.OpenReadAsync(new ObjectKey(index.Shard), field.Offset, field.Length, cancellationToken);
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        field.Verify(bytes.AsSpan(0, read), index.Shard, index.Key(sample));
        return bytes;
    }
}
