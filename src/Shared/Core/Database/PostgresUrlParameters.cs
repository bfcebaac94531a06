using System.Globalization;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>The parameters of libpq (PostgreSQL's manual, 34.1.2) that Npgsql has an equal of.</summary>
internal static class PostgresUrlParameters
{
    private static readonly Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>> s_known = new(StringComparer.Ordinal)
    {
        ["user"] = (settings, value) => settings.Username = value,
        ["password"] = (settings, value) => settings.Password = value,
        ["dbname"] = (settings, value) => settings.Database = value,
        ["passfile"] = (settings, value) => settings.Passfile = value,
        ["application_name"] = (settings, value) => settings.ApplicationName = value,
        ["options"] = (settings, value) => settings.Options = value,
        ["client_encoding"] = (settings, value) => settings.ClientEncoding = value,
        ["connect_timeout"] = (settings, value) => settings.Timeout = Seconds(value),
        ["keepalives"] = (settings, value) => settings.TcpKeepAlive = Switch(value),
        ["keepalives_idle"] = (settings, value) => settings.TcpKeepAliveTime = Seconds(value),
        ["keepalives_interval"] = (settings, value) => settings.TcpKeepAliveInterval = Seconds(value),
        ["target_session_attrs"] = (settings, value) => settings.TargetSessionAttributes =
            OneOf(value, "any", "primary", "standby", "prefer-primary", "prefer-standby", "read-write", "read-only"),
        ["load_balance_hosts"] = (settings, value) => settings.LoadBalanceHosts = OneOf(value, "disable", "random") is "random",
        ["sslmode"] = (settings, value) => settings.SslMode = OneOf(value, "disable", "allow", "prefer", "require", "verify-ca", "verify-full") switch
        {
            "disable" => SslMode.Disable,
            "allow" => SslMode.Allow,
            "prefer" => SslMode.Prefer,
            "require" => SslMode.Require,
            "verify-ca" => SslMode.VerifyCA,
            _ => SslMode.VerifyFull,
        },
        ["sslnegotiation"] = (settings, value) => settings.SslNegotiation =
            OneOf(value, "postgres", "direct") is "direct" ? SslNegotiation.Direct : SslNegotiation.Postgres,
        ["sslrootcert"] = (settings, value) =>
        {
            // libpq's word for the authorities that the machine knows, of which it demands that the name is checked too.
            if (value == "system")
                settings.SslMode = SslMode.VerifyFull;
            else
                settings.RootCertificate = value;
        },
        ["sslcert"] = (settings, value) => settings.SslCertificate = value,
        ["sslkey"] = (settings, value) => settings.SslKey = value,
        ["sslpassword"] = (settings, value) => settings.SslPassword = value,
        ["channel_binding"] = (settings, value) => settings.ChannelBinding = OneOf(value, "disable", "prefer", "require") switch
        {
            "disable" => ChannelBinding.Disable,
            "prefer" => ChannelBinding.Prefer,
            _ => ChannelBinding.Require,
        },
        ["gssencmode"] = (settings, value) => settings.GssEncryptionMode = OneOf(value, "disable", "prefer", "require") switch
        {
            "disable" => GssEncryptionMode.Disable,
            "prefer" => GssEncryptionMode.Prefer,
            _ => GssEncryptionMode.Require,
        },
        ["krbsrvname"] = (settings, value) => settings.KerberosServiceName = value,
    };

    /// <param name="shown">The parameter as a message may call it.</param>
    /// <exception cref="FormatException">There is no such parameter, or it has no such value.</exception>
    public static void Set(NpgsqlConnectionStringBuilder settings, string name, string value, string shown)
    {
        if (!s_known.TryGetValue(name, out var set))
            throw new FormatException($"{shown} is not known here; known are host, port, {string.Join(", ", s_known.Keys.Order(StringComparer.Ordinal))}");
        try
        {
            set(settings, value);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            throw new FormatException($"{shown} has a value that it cannot have{(wrong is FormatException ? $": {wrong.Message}" : "")}", wrong);
        }
    }

    private static string OneOf(string value, params string[] allowed) =>
        allowed.Contains(value, StringComparer.Ordinal) ? value : throw new FormatException($"it is one of {string.Join(", ", allowed)}");

    private static int Seconds(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? seconds : throw new FormatException("it is a number of seconds");

    private static bool Switch(string value) => OneOf(value, "0", "1") is "1";
}
