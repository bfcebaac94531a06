using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>A store of one object in memory: a disk would be most of a fuzzer's time.</summary>
internal sealed class BytesStore(byte[] bytes) : IObjectStore
{
    public Uri Root { get; } = new("memory:///");

    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => Task.FromResult<long?>(bytes.Length);

    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(bytes, (int)offset, (int)Math.Min(length ?? long.MaxValue, bytes.Length - offset), writable: false));

    public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => AsyncEnumerable.Empty<StoredObject>();

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => Task.CompletedTask;
}
