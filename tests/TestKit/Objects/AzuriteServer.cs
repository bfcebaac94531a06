using Azure.Storage.Blobs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Storage.Remote;

namespace ChangeDetection.TestKit.Objects;

/// <summary>Azurite, Microsoft's own emulator of Azure Blob Storage, with one container. As a fixture it is started by the first test that asks.</summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    public const string Container = "tests";
    private const string Account = "devstoreaccount1";

    // The emulator's well-known key; every Azurite has it.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly SemaphoreSlim _gate = new(1);
    private NodeServer? _server;

    /// <summary>Where it listens; skips the test where it cannot be started.</summary>
    public async Task<Uri> AddressOrSkipAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
            {
                _server = await NodeServer.StartOrSkipAsync("azurite-blob",
                    folder => ["--blobPort", "0", "--location", folder, "--skipApiVersionCheck", "--disableTelemetry", "--silent"], "successfully listens on");
                await new BlobContainerClient(Environment(_server.Address)["AZURE_STORAGE_CONNECTION_STRING"], Container).CreateAsync();
            }
            return _server.Address;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A prefix of the container that nobody else uses.</summary>
    public static Uri NewRoot() => new($"az://{Container}/{Guid.NewGuid():N}");

    /// <summary>What a program has to have in its environment to find this server.</summary>
    public static IReadOnlyDictionary<string, string?> Environment(Uri address, string key = Key) => new Dictionary<string, string?>
    {
        ["AZURE_STORAGE_CONNECTION_STRING"] =
            $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint={address.AbsoluteUri}{Account};",
    };

    /// <summary>A store on the server, or on what a test has put before it.</summary>
    public static IObjectStore Open(Uri root, Uri address, StorageSettings settings, string key = Key) => new BucketObjectStore(
        AzureContainer.At(root, settings, name => Environment(address, key).GetValueOrDefault(name)), settings);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }
}
