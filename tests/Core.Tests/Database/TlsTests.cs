using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>A server that cannot be trusted is told with the cause, by a real one with certificates that are wrong in each way.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class TlsTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Server_WithAndWithoutTls_IsTrustedOrToldWhyNot()
    {
        await RefusedAsync("it speaks no TLS", "127.0.0.1", SslMode.Require, null);

        await using var certificates = new ServerCertificates(server);
        var authority = certificates.AuthorityFile;
        await certificates.ShowAsync("127.0.0.1", _now.AddDays(-1), _now.AddDays(1));
        await SpeaksTlsAsync();
        await SessionCheck.RequireAsync(Address("127.0.0.1", SslMode.VerifyFull, authority), CancellationToken.None);
        await RefusedAsync("no authority that we know signed its certificate", "127.0.0.1", SslMode.VerifyFull, null);
        await RefusedAsync("no authority that we know signed its certificate", "127.0.0.1", SslMode.VerifyCA, certificates.StrangerFile);
        await RefusedAsync("its certificate is made out to 127.0.0.1, and not to the host in the address", "localhost", SslMode.VerifyFull, authority);
        await SessionCheck.RequireAsync(Address("localhost", SslMode.VerifyCA, authority), CancellationToken.None);

        await certificates.ShowAsync("127.0.0.1", _now.AddDays(-3), _now.AddDays(-2));
        await RefusedAsync("its certificate expired at", "127.0.0.1", SslMode.VerifyFull, authority);
        await certificates.ShowAsync("127.0.0.1", _now.AddDays(2), _now.AddDays(3));
        await RefusedAsync("its certificate is valid from", "127.0.0.1", SslMode.VerifyFull, authority);
    }

    [Fact]
    public async Task File_OfCertificatesThatIsNotThere_IsNamedByItsKey()
    {
        var refused = await Assert.ThrowsAsync<SettingsException>(
            () => SessionCheck.RequireAsync(Address("127.0.0.1", SslMode.VerifyFull, "/nowhere/canary-7f3a.pem"), CancellationToken.None));
        Assert.Contains("the file that Root Certificate (sslrootcert) names is not there", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string cause, string host, SslMode mode, string? authority)
    {
        // A reload of the server's settings takes a moment.
        var refused = await Eventually.GetAsync(cause, async () =>
        {
            try
            {
                await SessionCheck.RequireAsync(Address(host, mode, authority), CancellationToken.None);
                return null;
            }
            catch (SettingsException refusal)
            {
                return refusal.Message.Contains(cause, StringComparison.Ordinal) ? refusal : null;
            }
        }, s_limit);
        Assert.DoesNotContain(new NpgsqlConnectionStringBuilder(_database.ConnectionString).Password!, refused.Message, StringComparison.Ordinal);
    }

    private Task SpeaksTlsAsync() => Eventually.TrueAsync("the server to speak TLS", async () =>
    {
        await using var source = NpgsqlDataSource.Create(Address("127.0.0.1", SslMode.Require, null) + ";Pooling=false");
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }, s_limit);

    private string Address(string host, SslMode mode, string? authority) => new NpgsqlConnectionStringBuilder(_database.ConnectionString)
    {
        Host = host,
        SslMode = mode,
        RootCertificate = authority,
    }.ConnectionString;
}
