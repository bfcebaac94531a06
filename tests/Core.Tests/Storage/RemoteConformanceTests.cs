using System.Runtime.CompilerServices;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Core.Tests.Storage;

[Needs(Resource.Processes, Resource.StorageServer)]
public sealed class S3ConformanceTests(S3Server server) : ObjectStoreConformance
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task<IObjectStore> OpenAsync() =>
        S3Server.Open(S3Server.NewRoot(), await server.AddressOrSkipAsync(), new StorageSettings { PageSize = 3 });
}

[Needs(Resource.Processes, Resource.StorageServer)]
public sealed class AzureConformanceTests(AzuriteServer server) : ObjectStoreConformance
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task<IObjectStore> OpenAsync() =>
        AzuriteServer.Open(AzuriteServer.NewRoot(), await server.AddressOrSkipAsync(), new StorageSettings { PageSize = 3 });
}

/// <summary>HTTP can only be read; what is read is written to the folder behind the server.</summary>
public sealed class HttpConformanceTests : ObjectStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private ObjectServer? _server;

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<IObjectStore> OpenAsync()
    {
        _server = await ObjectServer.ServeAsync(_folder.Path);
        return new ReadByHttp(new FileObjectStore(_folder.Path), new HttpObjectStore(_server.Address, new StorageSettings { AllowPrivateAddresses = true }));
    }

    private sealed class ReadByHttp(FileObjectStore folder, HttpObjectStore http) : IObjectStore
    {
        public Uri Root => http.Root;
        public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => http.LengthAsync(key, cancellationToken);
        public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken) =>
            http.OpenReadAsync(key, offset, length, cancellationToken);
        public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
            folder.PutAsync(key, write, cancellationToken);
        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => folder.DeleteAsync(key, cancellationToken);

        public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var item in folder.ListAsync(prefix, cancellationToken))
                yield return item;
        }
    }
}
