using ChangeDetection.Core.Storage;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>The real store, but for one checkpoint that cannot be deleted: a disk that fails.</summary>
internal sealed class RefusingStore(IObjectStore inner, string refused) : IObjectStore
{
    public Uri Root => inner.Root;
    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => inner.LengthAsync(key, cancellationToken);
    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken) =>
        inner.OpenReadAsync(key, offset, length, cancellationToken);
    public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        inner.PutAsync(key, write, cancellationToken);
    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => key.Value.StartsWith(refused, StringComparison.Ordinal)
        ? throw new IOException($"{key}: Input/output error")
        : inner.DeleteAsync(key, cancellationToken);
}
