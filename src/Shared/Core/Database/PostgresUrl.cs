using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Reads <c>postgresql://user:password@host:port,host:port/database?parameter=value</c>, as libpq does (PostgreSQL's manual, 34.1.1.2) and as hosters print
/// it. Messages repeat nothing of the text but names of parameters.
/// </summary>
public static partial class PostgresUrl
{
    private static readonly string[] s_schemes = ["postgresql://", "postgres://"];

    /// <summary>Whether a text is meant as such an address.</summary>
    public static bool IsOne(string text) => s_schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="FormatException">It is none; the message says where, and repeats neither password nor user, host or database.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        var rest = text.AsSpan(s_schemes.First(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)).Length);
        var settings = new NpgsqlConnectionStringBuilder();
        var question = rest.IndexOf('?');
        ReadOnlySpan<char> parameters = question < 0 ? default : rest[(question + 1)..];
        var address = question < 0 ? rest : rest[..question];
        if (address.Contains('#') || parameters.Contains('#'))
            throw new FormatException("a # in user, password or database is written %23");
        var slash = address.IndexOf('/');
        if (slash >= 0 && Decode(address[(slash + 1)..], "the database") is { Length: > 0 } database)
            settings.Database = database;
        var authority = slash < 0 ? address : address[..slash];
        var at = authority.IndexOf('@');
        if (at >= 0)
            ReadUser(authority[..at], settings);
        ReadHosts(authority[(at + 1)..].ToString(), settings);
        ReadParameters(parameters.ToString(), settings);
        return settings;
    }

    private static void ReadUser(ReadOnlySpan<char> user, NpgsqlConnectionStringBuilder settings)
    {
        var colon = user.IndexOf(':');
        settings.Username = Decode(colon < 0 ? user : user[..colon], "the user");
        if (colon >= 0)
            settings.Password = Decode(user[(colon + 1)..], "the password");
    }

    private static void ReadHosts(string list, NpgsqlConnectionStringBuilder settings)
    {
        if (list.Contains('@', StringComparison.Ordinal))
            throw new FormatException("an @ in user or password is written %40");
        if (list.Length == 0)
            return;
        var hosts = list.Split(',').Select(ReadHost).ToList();
        SetHosts(hosts, settings);
    }

    /// <param name="hosts">Names without brackets; the port is null where none was given.</param>
    private static void SetHosts(IReadOnlyList<(string Host, int? Port)> hosts, NpgsqlConnectionStringBuilder settings)
    {
        if (hosts.Any(host => host.Host.Length == 0))
            throw new FormatException("a host is empty");
        if (hosts.Count == 1)
        {
            settings.Host = hosts[0].Host;
            if (hosts[0].Port is { } port)
                settings.Port = port;
            return;
        }
        settings.Host = string.Join(',', hosts.Select(host => Bracketed(host.Host) + (host.Port is { } port ? $":{port}" : "")));
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;

    private static (string Host, int? Port) ReadHost(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0)
                throw new FormatException("an IPv6 address has no closing bracket");
            var after = text[(end + 1)..];
            return after is "" || after.StartsWith(':')
                ? (Decode(text.AsSpan(1, end - 1), "a host"), after.Length > 1 ? Port(after[1..]) : (int?)null)
                : throw new FormatException("behind the bracket of an IPv6 address comes a colon and the port");
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (Decode(text, "a host"), (int?)null)
            : (Decode(text.AsSpan(0, colon), "a host"), text.Length > colon + 1 ? Port(text[(colon + 1)..]) : (int?)null);
    }

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException("a port is no number from 1 to 65535 (a :, /, ? or @ in user or password is written %3A, %2F, %3F or %40)");

    private static void ReadParameters(string text, NpgsqlConnectionStringBuilder settings)
    {
        string[]? hosts = null, ports = null;
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair.AsSpan(0, equals), "a parameter");
            if (equals < 0)
                throw new FormatException($"{Shown(name)} has no value");
            var value = Decode(pair.AsSpan(equals + 1), Shown(name));
            switch (name)
            {
                case "host":
                    hosts = value.Split(',');
                    break;
                case "port":
                    ports = value.Split(',');
                    break;
                default:
                    PostgresUrlParameters.Set(settings, name, value, Shown(name));
                    break;
            }
        }
        if (hosts is not null)
            SetHosts([.. hosts.Select((host, i) => (host, ports is null ? null : (int?)Port(ports[ports.Length == 1 ? 0 : i])))], settings);
        else if (ports is [var only])
            settings.Port = Port(only);
    }

    /// <summary>A name as it may be repeated: what looks like none may be the rest of a password that holds an unescaped question mark.</summary>
    private static string Shown(string name) => ParameterName().IsMatch(name) ? $"the parameter '{name}'" : "a parameter";

    private static string Decode(ReadOnlySpan<char> text, string what)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && !(i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])))
                throw new FormatException($"{what} holds a % that two hexadecimal digits do not follow; a % itself is written %25");
        }
        return Uri.UnescapeDataString(text.ToString());
    }

    [GeneratedRegex("^[a-z][a-z_]{1,30}$")]
    private static partial Regex ParameterName();
}
