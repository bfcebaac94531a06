using System.CommandLine;
using ChangeDetection.Core.Arguments;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Faults;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.People;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>The command <c>changedetection-dashboard</c>. Exit code 2: a setting is wrong; 1: the system did not come up.</summary>
public static class DashboardCommand
{
    private const string Who = "the dashboard";
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var dataFolder = new Option<string?>("--data-dir")
        {
            Description = "Data folder of the running local system (default: CHANGEDETECTION_DATA_DIR, else the user's own).",
        };
        var port = new Option<string?>("--port")
        {
            Description = $"Port to listen on; 0: any free one (default: the next free one from {DashboardSettings.FirstPort} on).",
        };
        var bind = new Option<string?>("--bind") { Description = "Address to listen on; beyond loopback only behind TLS (default: 127.0.0.1)." };
        var command = new RootCommand("ChangeDetection's dashboard: runs, checkpoints, queues and workers in a browser.")
        {
            dataFolder, port, bind,
        };
        command.Add(new ManualDirective(Executables.Dashboard));
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            parsed.GetValue(dataFolder),
            new Dictionary<string, string?>
            {
                ["PORT"] = parsed.GetValue(port),
                ["BIND"] = parsed.GetValue(bind),
            },
            cancellationToken));
        var arguments = command.Parse(args);
        return arguments.Errors.Count > 0 ? ParseErrors.Report(arguments, Executables.Dashboard, Console.Error) : await arguments.InvokeAsync();
    }

    private static async Task<int> ServeAsync(string? dataDir, IReadOnlyDictionary<string, string?> arguments, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var asked = EndRequest.Watch(stop.Cancel);
        ParentPipe.Watch(stop.Cancel, s_grace);
        try
        {
            var settings = SettingsReader.Read(dataDir, arguments);
            await WaitForSchemaAsync(settings, stop.Token);
            await using var app = await Listening.StartAsync(settings, stop.Token);
            var services = app.Services.GetServices<IHostedService>().ToList();
            Console.WriteLine(DashboardAddress.Announce(Listening.AddressOf(app), settings.StartupToken, settings.TokenIsGiven));
            await SchemaWatch.RunAsync(settings.Database, app.WaitForShutdownAsync, stop.Token);
            return ServiceFault.Of(services) is not null || !(asked.HasCome || stop.IsCancellationRequested)
                ? ProcessFault.Report(Console.Error, Who, ServiceFault.Of(services)) : asked.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return asked.ExitCode;
        }
#pragma warning disable CA1031 // The top of the process: whatever ends it is told in one line, and by its exit code.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return ProcessFault.Report(Console.Error, Who, error);
        }
    }

    /// <summary>Hangfire's storage throws when its tables are not there, so nothing is built before they are.</summary>
    private static async Task WaitForSchemaAsync(DashboardSettings settings, CancellationToken cancellationToken)
    {
        await using var database = DataSources.Create(settings.Database, "dashboard");
        await Migrator.WaitForVersionAsync(settings.Database, database, settings.SchemaPatience, cancellationToken);
        await StoreOwnership.RequireNotForeignAsync(database, settings.Store, cancellationToken);
    }
}
