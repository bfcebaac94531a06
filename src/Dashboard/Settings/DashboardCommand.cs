using System.CommandLine;
using ChangeDetection.Core.Arguments;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>The command <c>changedetection-dashboard</c>. Exit code 2: a setting is wrong; 1: the system did not come up.</summary>
public static class DashboardCommand
{
    private const int Failed = 1;
    private const int Refused = 2;
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
        var bind = new Option<string?>("--bind") { Description = "Loopback address to listen on (default: 127.0.0.1)." };
        var command = new RootCommand("ChangeDetection's dashboard: runs, checkpoints, queues and workers in a browser on this machine.")
        {
            dataFolder, port, bind,
        };
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
        ParentPipe.Watch(stop.Cancel, s_grace);
        try
        {
            var settings = SettingsReader.Read(dataDir, arguments);
            await WaitForSchemaAsync(settings, stop.Token);
            await using var app = await Listening.StartAsync(settings, stop.Token);
            Console.WriteLine($"dashboard: {Listening.AddressOf(app)}");
            await SchemaWatch.RunAsync(settings.Database, app.WaitForShutdownAsync, stop.Token);
            return 0;
        }
        catch (Exception error) when (error is SettingsException or SystemIdentityException or DataFolderException or StoreUriException)
        {
            return Say(error, Refused);
        }
        catch (MigrationException error)
        {
            return Say(error, Failed);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>Hangfire's storage throws when its tables are not there, so nothing is built before they are.</summary>
    private static async Task WaitForSchemaAsync(DashboardSettings settings, CancellationToken cancellationToken)
    {
        await using var database = DataSources.Create(settings.Database, "dashboard");
        await Migrator.WaitForVersionAsync(database, settings.SchemaPatience, cancellationToken);
        await StoreOwnership.RequireNotForeignAsync(database, settings.Store, cancellationToken);
    }

    private static int Say(Exception error, int code)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return code;
    }
}
