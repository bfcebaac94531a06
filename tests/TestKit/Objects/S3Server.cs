using Amazon.Runtime;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Storage.Remote;

namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// A server that speaks S3 (s3rver, from npm, behind what it lacks of S3), with one bucket. As a fixture it is started by the first test that asks.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "tests";
    private const string Key = "S3RVER";

    private readonly SemaphoreSlim _gate = new(1);
    private NodeServer? _server;
    private S3Front? _additions;
    private ObjectServer? _front;

    /// <summary>Where it listens; skips the test where it cannot be started.</summary>
    public async Task<Uri> AddressOrSkipAsync()
    {
        await StartOrSkipAsync();
        return _front!.Address;
    }

    /// <summary>s3rver itself, which takes no notice of conditions.</summary>
    public async Task<Uri> BareAddressOrSkipAsync()
    {
        await StartOrSkipAsync();
        return _server!.Address;
    }

    /// <summary>A prefix of the bucket that nobody else uses.</summary>
    public static Uri NewRoot() => new($"s3://{Bucket}/{Guid.NewGuid():N}");

    /// <summary>What a program has to have in its environment to find this server.</summary>
    public static IReadOnlyDictionary<string, string?> Environment(Uri address) => new Dictionary<string, string?>
    {
        ["AWS_ENDPOINT_URL"] = address.AbsoluteUri,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = Key,
        ["AWS_SECRET_ACCESS_KEY"] = Key,
    };

    /// <summary>A store on the server, or on what a test has put before it.</summary>
    /// <param name="credentials">The server looks at the name of the key alone, not at what it signed.</param>
    public static IObjectStore Open(Uri root, Uri address, StorageSettings settings, AWSCredentials? credentials = null) => new BucketObjectStore(
        S3Bucket.At(root, settings, name => Environment(address).GetValueOrDefault(name), credentials ?? new BasicAWSCredentials(Key, Key)), settings);

    public async ValueTask DisposeAsync()
    {
        if (_front is not null)
            await _front.DisposeAsync();
        _additions?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }

    private async Task StartOrSkipAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _server ??= await NodeServer.StartOrSkipAsync("s3rver",
                folder => ["--directory", folder, "--address", "127.0.0.1", "--port", "0", "--no-vhost-buckets", "--configure-bucket", Bucket], "listening on");
            _additions ??= new S3Front(_server.Address);
            _front ??= await ObjectServer.BeforeAsync(_server.Address, _additions.HandleAsync);
        }
        finally
        {
            _gate.Release();
        }
    }
}
