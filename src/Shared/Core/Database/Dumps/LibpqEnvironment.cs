using System.Globalization;
using Npgsql;

namespace ChangeDetection.Core.Database.Dumps;

/// <summary>
/// A connection in the words of libpq's environment (PostgreSQL's documentation, "Environment Variables"): what an Npgsql connection string says of the
/// server, the account, and how the line is protected.
/// </summary>
internal static class LibpqEnvironment
{
    public static IEnumerable<(string Name, string Value)> Of(NpgsqlConnectionStringBuilder server)
    {
        foreach (var (name, value) in new (string, string?)[]
        {
            ("PGHOST", server.Host),
            ("PGPORT", server.Port.ToString(CultureInfo.InvariantCulture)),
            ("PGDATABASE", server.Database),
            ("PGUSER", server.Username),
            ("PGPASSWORD", server.Password),
            ("PGPASSFILE", server.Passfile),
            ("PGSSLMODE", Ssl(server.SslMode)),
            ("PGSSLROOTCERT", server.RootCertificate),
            ("PGSSLCERT", server.SslCertificate),
            ("PGSSLKEY", server.SslKey),
            ("PGGSSENCMODE", "disable"),
            ("PGCONNECT_TIMEOUT", "30"),
        })
        {
            if (!string.IsNullOrEmpty(value))
                yield return (name, value);
        }
    }

    private static string Ssl(SslMode mode) => mode switch
    {
        SslMode.Disable => "disable",
        SslMode.Allow => "allow",
        SslMode.Prefer => "prefer",
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
