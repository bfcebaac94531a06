using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;
using Microsoft.AspNetCore.Http;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>A store on the network with a server before it that a test lets fail, and a way past that server.</summary>
internal sealed class FaultyLine : IAsyncDisposable
{
    public const string Http = "http";
    public const string S3 = "s3";
    public const string Azure = "azure";

    public static TheoryData<string> Backends => [Http, S3, Azure];

    public static TheoryData<string> Writable => [S3, Azure];

    private readonly TemporaryFolder? _folder;

    private FaultyLine(ObjectServer server, IObjectStore store, IObjectStore direct, TemporaryFolder? folder)
        => (Server, Store, Direct, _folder) = (server, store, direct, folder);

    public ObjectServer Server { get; }

    /// <summary>Through the server.</summary>
    public IObjectStore Store { get; }

    /// <summary>Past it; also writes where the store itself cannot.</summary>
    public IObjectStore Direct { get; }

    public static async Task<FaultyLine> OpenOrSkipAsync(string backend, StorageSettings settings, S3Server s3, AzuriteServer azurite)
    {
        if (backend == Http)
        {
            var folder = new TemporaryFolder();
            var files = await ObjectServer.ServeAsync(folder.Path);
            return new FaultyLine(
                files, new HttpObjectStore(files.Address, settings with { AllowPrivateAddresses = true }), new FileObjectStore(folder.Path), folder);
        }
        var address = backend == S3 ? await s3.AddressOrSkipAsync() : await azurite.AddressOrSkipAsync();
        var server = await ObjectServer.BeforeAsync(address);
        if (backend == S3)
        {
            var root = S3Server.NewRoot();
            return new FaultyLine(server, S3Server.Open(root, server.Address, settings), S3Server.Open(root, address, new StorageSettings()), null);
        }
        var prefix = AzuriteServer.NewRoot();
        return new FaultyLine(server, AzuriteServer.Open(prefix, server.Address, settings), AzuriteServer.Open(prefix, address, new StorageSettings()), null);
    }

    /// <summary>Whether a request is the one that makes an object appear: one of a single request, or of several.</summary>
    public static bool Publishes(HttpRequest request, bool inParts) => inParts
        ? (request.Method == "POST" && request.Query.ContainsKey("uploadId")) || (request.Method == "PUT" && request.Query["comp"] == "blocklist")
        : request.Method == "PUT";

    /// <summary>Whether a request brings a part of an object.</summary>
    public static bool IsPart(HttpRequest request) => request.Method == "PUT" && (request.Query.ContainsKey("partNumber") || request.Query["comp"] == "block");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder?.Dispose();
    }

    public Task WriteAsync(string key, byte[] bytes) =>
        Direct.PutAsync(new ObjectKey(key), (stream, token) => stream.WriteAsync(bytes, token).AsTask(), CancellationToken.None);

    public Task PutAsync(string key, byte[] bytes, CancellationToken cancellationToken) =>
        Store.PutAsync(new ObjectKey(key), (stream, token) => stream.WriteAsync(bytes, token).AsTask(), cancellationToken);

    public Task<byte[]> ReadAsync(string key, CancellationToken cancellationToken) => ReadAsync(Store, key, cancellationToken);

    public static async Task<byte[]> ReadAsync(IObjectStore store, string key, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(new ObjectKey(key), 0, null, cancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
