using ChangeDetection.Configuration;
using ChangeDetection.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChangeDetection.Worker.Tests.Jobs;

public sealed class CheckpointAcceptanceTests
{
    private static readonly byte[] s_bytes = [1, 2, 3];

    [Fact]
    public async Task Delete_StoreThatRefuses_IsNoReasonToEndTheAttempt()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var retired = new ObjectKey("runs/retired/weights.safetensors");
        await store.PutAsync(retired, (stream, token) => stream.WriteAsync(s_bytes, token).AsTask(), CancellationToken.None);

        var acceptance = new CheckpointAcceptance(new RefusingStore(store, "runs/damaged/"), new CheckpointConfig(), NullLogger.Instance);
        await acceptance.DeleteAsync(["runs/damaged", "runs/retired"], CancellationToken.None);

        Assert.Null(await store.LengthAsync(retired, CancellationToken.None));
    }

    /// <summary>The real store, but for one prefix that cannot be listed: a disk that fails.</summary>
    private sealed class RefusingStore(IObjectStore inner, string refused) : IObjectStore
    {
        public Uri Root => inner.Root;
        public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => inner.LengthAsync(key, cancellationToken);
        public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken) => inner.OpenReadAsync(key, offset, length, cancellationToken);
        public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => inner.PutAsync(key, write, cancellationToken);
        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
            prefix == refused ? throw new IOException($"{refused}: Input/output error") : inner.ListAsync(prefix, cancellationToken);
    }
}
