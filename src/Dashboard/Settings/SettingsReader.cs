using System.Globalization;
using System.Net;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>Reads the dashboard's settings: the system it shows (<see cref="SystemSettings"/>), and where it listens.</summary>
public static class SettingsReader
{
    /// <summary>What ASP.NET Core itself would listen on. We do not read these, and must not seem to.</summary>
    private static readonly string[] s_foreignAddresses =
        ["ASPNETCORE_URLS", "DOTNET_URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_HTTPS_PORTS"];

    /// <param name="dataDir">The option <c>--data-dir</c>; null when it was not given.</param>
    /// <param name="arguments">What else the command line says, by name (<c>PORT</c>, <c>BIND</c>); null values are skipped.</param>
    /// <exception cref="SettingsException">A setting is wrong, or there is no system to show.</exception>
    public static DashboardSettings Read(string? dataDir, IReadOnlyDictionary<string, string?> arguments)
    {
        var settings = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables("CHANGEDETECTION_")
            .AddInMemoryCollection(arguments.Where(argument => argument.Value is not null))
            .Build();
        RefuseForeignAddresses();
        var reach = ReachSettings.Read(settings);
        var port = Port(settings["PORT"]);
        var given = StartupToken(settings);
        var openId = OpenIdSettings.Read(settings);
        var (database, store) = SystemSettings.Read(dataDir).Locate();
        var read = new DashboardSettings
        {
            Database = database,
            Store = store,
            Address = reach.Address,
            Port = port,
            Tls = reach.Tls,
            TrustedProxies = reach.Proxies,
            Hosts = reach.Hosts,
            OpenId = openId,
        };
        return read.IsPrivate ? read with { StartupToken = given ?? AccessToken.Create(), TokenIsGiven = given is not null } : read;
    }

    /// <summary>The token of the parent. Letters that an address can hold, and enough of them not to be guessed.</summary>
    private static string? StartupToken(IConfiguration settings)
    {
        const int Least = 32;
        const string Variable = DashboardAddress.TokenVariable;
        return settings["STARTUP_TOKEN"] is not { Length: > 0 } token ? null
            : token.Length >= Least && token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? token
            : throw new SettingsException($"{Variable} must be {Least} or more letters, digits, - and _. Leave it out: the dashboard makes one and prints it.");
    }

    private static int? Port(string? value) => value switch
    {
        null => null,
        _ when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort => port,
        _ => throw new SettingsException($"'{value}' is not a port. Give one from 1 to {IPEndPoint.MaxPort}, or 0 for any free one."),
    };

    private static void RefuseForeignAddresses()
    {
        foreach (var name in s_foreignAddresses)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                throw ReachSettings.Refuse($"{name}={value}");
        }
    }
}
