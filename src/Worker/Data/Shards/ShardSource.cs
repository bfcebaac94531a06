using System.Globalization;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>Opens a data set's shards: by way of the machine's shard cache where there is one, else where they lie.</summary>
internal sealed class ShardSource
{
    private readonly ShardDataset _dataset;
    private readonly LoaderCounters _counters;
    private readonly ShardCache? _cache;
    private readonly ShardCopies? _copies;

    public ShardSource(ShardDataset dataset, LoaderCounters counters, LoaderEnvironment host)
    {
        (_dataset, _counters) = (dataset, counters);
        IsOnDisk = dataset.Store.Root.IsFile;
        if (host.Cache is not { } settings || (IsOnDisk && !settings.OfAllStores))
            return;
        try
        {
            _cache = ShardCache.Open(settings, TimeProvider.System);
            _copies = new ShardCopies(_cache, dataset.Store, counters, host.Event);
            CacheBytes = settings.Bytes;
            IsOnDisk = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            host.Event("shard-cache-off",
                $"The shard cache at '{settings.Folder}' cannot be used: {exception.Message.TrimEnd('.')}. Shards are read from {dataset.Store.Root}. "
                + $"Let this account write to the folder, or name another: {ShardCacheSettings.Prefix}{ShardCacheSettings.FolderKey}.");
        }
    }

    public ShardDataset Dataset => _dataset;

    /// <summary>Samples are read from a disk, the store's own or the cache's, and not over a network.</summary>
    public bool IsOnDisk { get; }

    /// <summary>What the cache may hold; null without one.</summary>
    public long? CacheBytes { get; }

    /// <summary>Opens a shard and reads its index; what can be asked for at once is.</summary>
    /// <exception cref="ShardCorruptException">
    /// The shard is missing or has another length than the manifest says, or its index is not what was packed.
    /// </exception>
    public async Task<OpenShard> OpenAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        var index = IndexAsync(shard, cancellationToken);
        var bytes = BytesAsync(shard, cancellationToken);
        try
        {
            // The shard's own error comes before its index's, whichever is there first.
            var opened = await bytes;
            return new OpenShard(await index, opened);
        }
        catch
        {
            await Task.WhenAll(index, bytes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (bytes.IsCompletedSuccessfully)
                (await bytes).Dispose();
            throw;
        }
    }

    private async Task<IShardBytes> BytesAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        if (_copies is not null)
            return await _copies.OpenAsync(shard, cancellationToken);
        var length = await _dataset.Store.LengthAsync(new ObjectKey(shard.Name), cancellationToken);
        return length == shard.Bytes ? new StoredShard(_dataset.Store, shard.Name, _counters) : throw new ShardCorruptException(
            shard.Name,
            length is null ? "is missing" : string.Create(CultureInfo.InvariantCulture, $"has {length} bytes instead of {shard.Bytes}"),
            ShardCorruptException.CopyAgain);
    }

    private async Task<ShardIndex> IndexAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        var index = SidecarAsync(shard.IndexSha256, token => _dataset.ReadIndexTextAsync(shard, token), cancellationToken);
        var sums = SidecarAsync(shard.SumSha256, token => _dataset.ReadSumsTextAsync(shard, token), cancellationToken);
        await Task.WhenAll(index, sums);
        return _dataset.Parse(shard, await index, await sums);
    }

    private Task<byte[]> SidecarAsync(string sha256, Func<CancellationToken, Task<byte[]>> read, CancellationToken cancellationToken)
    {
        return _cache is null ? ReadAsync(cancellationToken) : _cache.SmallAsync(sha256, ReadAsync, cancellationToken);

        async Task<byte[]> ReadAsync(CancellationToken token)
        {
            var bytes = await read(token);
            _counters.AddBytes(bytes.Length);
            return bytes;
        }
    }
}
