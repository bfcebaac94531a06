using System.Globalization;
using System.Net;
using ChangeDetection.Core.Hosting;

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
        var address = Address(settings["BIND"]);
        var port = Port(settings["PORT"]);
        var (database, store) = SystemSettings.Read(dataDir).Locate();
        return new DashboardSettings { Database = database, Store = store, Address = address, Port = port };
    }

    private static IPAddress Address(string? value)
    {
        if (value is null or "localhost")
            return IPAddress.Loopback;
        if (!IPAddress.TryParse(value, out var address))
            throw new SettingsException($"'{value}' is not an IP address. Leave --bind out: the dashboard listens on 127.0.0.1.");
        return IPAddress.IsLoopback(address) ? address : throw NotLoopback(value);
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
                throw NotLoopback($"{name}={value}");
        }
    }

    private static SettingsException NotLoopback(string value) => new(
        $"The dashboard listens on loopback addresses only, chosen by --bind and --port; '{value}' asks for something else. "
        + "It lets everybody in who can reach it: authentication comes with a later release. "
        + $"From another machine use an SSH tunnel: ssh -L {DashboardSettings.FirstPort}:127.0.0.1:{DashboardSettings.FirstPort} HOST");
}
