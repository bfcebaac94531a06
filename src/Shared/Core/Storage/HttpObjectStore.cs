using ChangeDetection.Core.Storage.Remote;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// Files below an address of a web server, <c>https://host/prefix</c>: to read data sets from, by ranges. Nothing can be written or listed there.
/// </summary>
public sealed class HttpObjectStore : IObjectStore
{
    private readonly RemoteReads _reads;

    public HttpObjectStore(Uri root, StorageSettings settings, TimeProvider? time = null)
    {
        Root = root;
        var files = HttpFiles.At(root, settings);
        _reads = new RemoteReads(files, new RequestRetries(files, settings, time ?? TimeProvider.System));
    }

    public Uri Root { get; }

    /// <exception cref="StorageRefusedException">The server will not serve it, or is at an address that must not be read from.</exception>
    /// <exception cref="StorageUnavailableException">The server did not answer, or not usefully.</exception>
    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => _reads.LengthAsync(key, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StorageRefusedException">The server will not serve it, or is at an address that must not be read from.</exception>
    /// <exception cref="StorageUnavailableException">The server did not answer, or not usefully.</exception>
    public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken)
        => _reads.OpenAsync(key, offset, length, cancellationToken);

    public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        throw ReadOnly($"'{key}' cannot be written to it");

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => throw ReadOnly("nothing in it can be listed");

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw ReadOnly($"'{key}' cannot be deleted from it");

    private StorageRefusedException ReadOnly(string what)
        => new($"{Root} is read-only: {what}. A store that is written to is a folder (file:///…) or a bucket (s3://…, az://…).");
}
