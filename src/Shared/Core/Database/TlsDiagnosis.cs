using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Why a server was not trusted. Npgsql says that it was not; so the handshake is made once more, without sending anything of ours, and the certificate is
/// looked at.
/// </summary>
internal static class TlsDiagnosis
{
    private const int DefaultPort = 5432;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>SSLRequest of PostgreSQL's protocol (55.7): its length, and a number that is no version.</summary>
    private static readonly byte[] s_request = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    /// <summary>Whether a connection failed for TLS.</summary>
    public static bool IsAbout(Exception failure) => failure is AuthenticationException
        || failure.InnerException is { } cause && IsAbout(cause)
        || failure is AggregateException several && several.InnerExceptions.Any(IsAbout)
        || failure is NpgsqlException { InnerException: null } && failure is not PostgresException
            && failure.Message.Contains("SSL", StringComparison.Ordinal);

    /// <exception cref="SettingsException">A file of certificates that the address names cannot be read.</exception>
    public static void RequireFiles(NpgsqlConnectionStringBuilder settings)
    {
        foreach (var (key, file) in new[]
                 {
                     ("Root Certificate (sslrootcert)", settings.RootCertificate), ("SSL Certificate (sslcert)", settings.SslCertificate),
                     ("SSL Key (sslkey)", settings.SslKey),
                 })
        {
            if (file is { Length: > 0 } && !File.Exists(file))
                throw new SettingsException($"{SystemSettings.DatabaseVariable}: the file that {key} names is not there, or not for this account to see.");
        }
    }

    /// <summary>What is wrong, and what to do, in a sentence or two.</summary>
    public static async Task<string> ExplainAsync(NpgsqlConnectionStringBuilder settings, NpgsqlException failure, CancellationToken cancellationToken)
    {
        foreach (var (host, port) in Hosts(settings))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_patience);
            try
            {
                if (await OfAsync(host, port, settings, limit.Token) is { } cause)
                    return $"The database's server cannot be trusted: {cause}";
            }
            catch (Exception error) when (error is IOException or SocketException or AuthenticationException or CryptographicException
                                              || error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // It is away by now, or breaks off: what Npgsql said has to do.
            }
        }
        return $"No connection to the database by TLS ({DatabaseProblem.Describe(failure)}). Look at SSL Mode (sslmode) and the certificates that "
            + $"{SystemSettings.DatabaseVariable} names, and at the server's log.";
    }

    private static async Task<string?> OfAsync(string host, int port, NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(s_request, cancellationToken);
        var answer = new byte[1];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        if (answer[0] != (byte)'S')
        {
            return "it speaks no TLS, and the address asks for it. Switch TLS on there (ssl = on), or, in a network that you trust, say "
                + "SSL Mode=Disable (sslmode=disable).";
        }
        string? cause = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            // Only to look: nothing is sent over this connection, whoever is at its other end.
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                cause = certificate is null ? "it showed no certificate." : Judge(new X509Certificate2(certificate), chain, errors, settings);
                return true;
            },
        };
        await using var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(options, cancellationToken);
        return cause;
    }

    private static string? Judge(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, NpgsqlConnectionStringBuilder settings)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (certificate.NotAfter.ToUniversalTime() < now)
            return $"its certificate expired at {UtcTime.Text(certificate.NotAfter.ToUniversalTime())}. Renew it there.";
        if (certificate.NotBefore.ToUniversalTime() > now)
            return $"its certificate is valid from {UtcTime.Text(certificate.NotBefore.ToUniversalTime())} on. Look at the clocks of both machines.";
        if (!IsSignedByKnown(certificate, chain, settings))
        {
            return "no authority that we know signed its certificate. Name a file with the authority's own: Root Certificate=FILE (sslrootcert=FILE).";
        }
        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && settings.SslMode is SslMode.VerifyFull
            ? $"its certificate is made out to {Names(certificate)}, and not to the host in the address. Use that name, or, without a check of it, "
                + "SSL Mode=VerifyCA (sslmode=verify-ca)."
            : null;
    }

    private static bool IsSignedByKnown(X509Certificate2 certificate, X509Chain? chain, NpgsqlConnectionStringBuilder settings)
    {
        using var check = new X509Chain();
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (settings.RootCertificate is { Length: > 0 } roots)
        {
            check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            check.ChainPolicy.CustomTrustStore.ImportFromPemFile(roots);
        }
        foreach (var sent in chain?.ChainElements.Skip(1) ?? [])
            check.ChainPolicy.ExtraStore.Add(sent.Certificate);
        return check.Build(certificate);
    }

    private static string Names(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        var names = alternatives.SelectMany(extension => extension.EnumerateDnsNames())
            .Concat(alternatives.SelectMany(extension => extension.EnumerateIPAddresses()).Select(address => address.ToString())).Distinct().ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);
    }

    private static IEnumerable<(string Host, int Port)> Hosts(NpgsqlConnectionStringBuilder settings)
    {
        foreach (var entry in (settings.Host ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = entry.LastIndexOf(':');
            var hasPort = colon > 0 && (entry[colon - 1] == ']' || entry.IndexOf(':', StringComparison.Ordinal) == colon);
            yield return hasPort && int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? (entry[..colon].Trim('[', ']'), port)
                : (entry.Trim('[', ']'), settings.Port is 0 ? DefaultPort : settings.Port);
        }
    }
}
