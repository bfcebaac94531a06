using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Verification;

/// <summary>
/// Reads a whole data set and names everything that is not as the manifest, the indexes and the checksums say. It reads each shard once, in
/// order, and goes on after a damage, so that one run tells all that must be copied again.
/// </summary>
/// <param name="deep">Decode every image and compare the masks with the change fractions; otherwise headers are enough.</param>
public sealed class DatasetVerifier(ShardDataset dataset, bool deep)
{
    /// <summary>Damages kept with their text; the rest are counted.</summary>
    public const int Kept = 1000;
    private readonly List<DatasetDamage> _damages = [];
    private int _count;

    public async Task<DatasetVerification> VerifyAsync(IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        var splits = dataset.Manifest.Splits.OrderBy(split => split.Key, StringComparer.Ordinal).ToList();
        CheckManifest();
        var (done, total) = (0L, splits.Sum(split => split.Value.Bytes));
        foreach (var (name, split) in splits)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var shard in split.Shards)
            {
                progress?.Report(new(shard.Name, done, total));
                var before = done;
                await VerifyShardAsync(name, shard, keys, read => progress?.Report(new(shard.Name, before + read, total)), cancellationToken);
                done += shard.Bytes;
            }
        }
        await FindStrangersAsync(cancellationToken);
        progress?.Report(new("", total, total));
        return new(splits.Sum(split => split.Value.Shards.Count), splits.Sum(split => (long)split.Value.Samples), total, _damages, _count);
    }

    private async Task VerifyShardAsync(string split, ShardManifest shard, HashSet<string> keys, Action<long> read, CancellationToken cancellationToken)
    {
        try
        {
            var index = await dataset.ReadIndexAsync(shard, cancellationToken);
            for (var sample = 0; sample < index.Count; sample++)
            {
                if (!keys.Add(index.Key(sample)))
                    Add(new(ShardNames.Index(shard.Name),
                        $"has the key '{index.Key(sample)}', which another shard of the split '{split}' has too", "Pack the data set again."));
            }
            await new ShardVerification(dataset, shard, index, deep, Add, read).RunAsync(cancellationToken);
        }
        catch (ShardCorruptException error)
        {
            Add(DatasetDamage.Of(error));
        }
        catch (ObjectNotFoundException)
        {
            Add(new(shard.Name, "is missing", ShardCorruptException.CopyAgain));
        }
    }

    /// <summary>
    /// One bit of an <c>e</c> in a number, or of white space, changes nothing that a parser sees, but the hash by which others name the data set.
    /// </summary>
    private void CheckManifest()
    {
        var manifest = dataset.Manifest;
        if (manifest.Sha256 is not null && Sha256Hex.Of(DatasetManifestFile.Format(manifest)) != dataset.ManifestSha256)
            Add(new(DatasetManifest.FileName, "says the same as when it was written, in other bytes: it was changed or damaged",
                ShardCorruptException.CopyAgain));
    }

    /// <summary>Tars and sidecars that no manifest names: left over from another data set, or the manifest is of another one.</summary>
    private async Task FindStrangersAsync(CancellationToken cancellationToken)
    {
        var known = dataset.Manifest.Splits.Values.SelectMany(split => split.Shards)
            .SelectMany(shard => new[] { shard.Name, ShardNames.Index(shard.Name), ShardNames.Sums(shard.Name) })
            .ToHashSet(StringComparer.Ordinal);
        try
        {
            await foreach (var stored in dataset.Store.ListAsync("", cancellationToken))
            {
                if (Path.GetExtension(stored.Key.Value) is ShardNames.Tar or ".idx" or ".sum"
                    && !stored.Key.Value.Contains('/', StringComparison.Ordinal) && !known.Contains(stored.Key.Value))
                    Add(new(stored.Key.Value, $"is not in {DatasetManifest.FileName}",
                        $"Delete it, or bring the {DatasetManifest.FileName} that it belongs to."));
            }
        }
        catch (NotSupportedException)
        {
            // A store that cannot list (plain HTTP) has no strangers that anybody could come upon.
        }
    }

    private void Add(DatasetDamage damage)
    {
        if (_count++ < Kept)
            _damages.Add(damage);
    }
}
