using System.Runtime.CompilerServices;
using ChangeDetection.Core.Storage.Remote;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// Objects below a prefix of a bucket (S3) or container (Azure), with what their services lack for a store: patience, resumption, tidiness.
/// </summary>
public sealed class BucketObjectStore : IObjectStore
{
    private readonly IBucket _bucket;
    private readonly RequestRetries _retries;
    private readonly RemoteReads _reads;
    private readonly TimeProvider _time;

    internal BucketObjectStore(IBucket bucket, StorageSettings settings, TimeProvider? time = null)
    {
        (_bucket, _time) = (bucket, time ?? TimeProvider.System);
        _retries = new RequestRetries(bucket, settings, _time);
        _reads = new RemoteReads(bucket, _retries);
    }

    public Uri Root => _bucket.Root;

    /// <exception cref="StorageRefusedException">The service will not tell; the message has the remedy.</exception>
    /// <exception cref="StorageUnavailableException">The service did not answer, or not usefully.</exception>
    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => _reads.LengthAsync(key, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StorageRefusedException">The service will not give it; the message has the remedy.</exception>
    /// <exception cref="StorageUnavailableException">The service did not answer, or not usefully.</exception>
    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken)
        => _reads.OpenAsync(key, offset, length, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StorageRefusedException">The service will not take it; the message has the remedy.</exception>
    /// <exception cref="StorageUnavailableException">The service did not answer, or not usefully.</exception>
    public async Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        // Before anything is written in vain.
        if (await LengthAsync(key, cancellationToken) is not null)
            throw new ObjectExistsException(Root, key);
        await using var put = new BucketPut(_bucket, _retries, key);
        await put.RunAsync(write, cancellationToken);
    }

    /// <summary>
    /// Whether the service itself keeps an object whose key is written once more. Nothing is looked up beforehand; where it does not, the object is
    /// another.
    /// </summary>
    internal async Task<bool> KeepsAsync(ObjectKey taken, CancellationToken cancellationToken)
    {
        try
        {
            var mark = Guid.NewGuid().ToString("N");
            await _retries.RunAsync($"writing '{taken}' again", limit => _bucket.PutAsync(
                taken.Value, new PartBody([0], 1, limit), mark, limit.Token), cancellationToken);
            return false;
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Condition)
        {
            return true;
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = "";
        await foreach (var item in PagesAsync((after, token) => ListedAsync(prefix, after, token), cancellationToken))
        {
            // S3's directory buckets, for one, list in an order of their own.
            if (string.CompareOrdinal(item.Key, last) < 0)
                throw new StorageRefusedException(
                    $"{Root}: it is listed out of order ('{item.Key}' behind '{last}'). Use a bucket that lists its objects by name.");
            last = item.Key;
            if (ObjectKeyRules.Violation(item.Key) is null)
                yield return new StoredObject(new ObjectKey(item.Key), item.Length);
        }
    }

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await _retries.RunAsync($"deleting '{key}'", limit => _bucket.DeleteAsync(key.Value, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Absent)
        {
            // By somebody else, or by a try whose answer was lost.
        }
    }

    public async IAsyncEnumerable<UnfinishedPut> ListUnfinishedAsync(TimeSpan idle, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = _time.GetUtcNow() - idle;
        await foreach (var put in PagesAsync(UnfinishedAsync, cancellationToken))
        {
            if (put.IdleSince <= latest)
                yield return put;
        }
    }

    public async Task DeleteUnfinishedAsync(UnfinishedPut put, CancellationToken cancellationToken)
    {
        try
        {
            await _retries.RunAsync($"giving up '{put.Name}'", limit => _bucket.DeleteUnfinishedAsync(put.Name, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Absent or FailureKind.Condition)
        {
            // It was finished or given up meanwhile.
        }
    }

    private async Task<ListedPage<ListedObject>> ListedAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.RunAsync("listing", limit => _bucket.ListAsync(prefix, after, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Unsupported)
        {
            throw new StorageRefusedException($"{exception.Message} Look whether the address is that of an object store.");
        }
    }

    private async Task<ListedPage<UnfinishedPut>> UnfinishedAsync(string? after, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.RunAsync("listing uploads", limit => _bucket.ListUnfinishedAsync(after, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Unsupported)
        {
            // A service that cannot list its uploads removes them by a rule of its own, or keeps none.
            return new([], null);
        }
    }

    private static async IAsyncEnumerable<T> PagesAsync<T>(
        Func<string?, CancellationToken, Task<ListedPage<T>>> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await list(after, cancellationToken);
            foreach (var item in page.Items)
                yield return item;
            after = page.Next;
        }
        while (after is not null);
    }
}
