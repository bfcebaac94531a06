using ChangeDetection.Core.Arguments;
using System.CommandLine;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Faults;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Hosting;

/// <summary>The main of a worker process.</summary>
public static class WorkerHost
{
    private const string Who = "the worker";
    private const string DataDirKey = "Data_Dir";

    public static async Task<int> RunAsync(string[] args)
    {
        var slots = new Option<string?>("--slots")
        {
            Description = "Devices to work on, one run at a time on each: cuda:0,cuda:1, or cpu (default: every GPU, else the CPU).",
        };
        var queues = new Option<string?>(
            "--queues") { Description = "Queues to take runs from, with commas between them (default: all that the devices can serve)." };
        var dataDir = new Option<string?>(
            "--data-dir") { Description = $"Folder of the local system to work for (default: {DataFolder.Variable}, else the user's data folder)." };
        var command = new RootCommand(
            "ChangeDetection's worker: takes runs from the queue, and trains, evaluates and predicts. It works for the local system that is up on " +
                "its data folder, "
            + "or for the one of CHANGEDETECTION_DATABASE and CHANGEDETECTION_STORE. SIGTERM or Ctrl-C stops it: runs make a checkpoint and go " +
                "back to the queue.")
        {
            slots, queues, dataDir,
        };
        command.Add(new ManualDirective(Executables.Worker));
        command.SetAction((parsed, cancellationToken) => WorkAsync(new Dictionary<string, string?>
        {
            ["Slots"] = parsed.GetValue(slots),
            ["Queues"] = parsed.GetValue(queues),
            [DataDirKey] = parsed.GetValue(dataDir),
        }, cancellationToken));
        var arguments = command.Parse(args);
        // Signals are the host's to handle: it knows how long trainers may take for their checkpoints.
        return arguments.Errors.Count > 0
            ? ParseErrors.Report(arguments, Executables.Worker, Console.Error)
            : await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> WorkAsync(IReadOnlyDictionary<string, string?> options, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Build(options);
            using var asked = EndRequest.Watch(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
            var (services, life) = (host.Services.GetServices<IHostedService>().ToList(), host.Services.GetRequiredService<WorkerLifetime>());
            var logger = host.Services.GetRequiredService<ILogger<WorkerService>>();
            Outage.Repeated += reason => WorkerLog.DatabaseAway(logger, reason);
            await host.RunAsync(cancellationToken);
            // Leaving is on purpose or by a fault, and it has to be shown which: the host ends alike.
            if (ServiceFault.Of(services) is { } fault)
                return ProcessFault.Report(Console.Error, Who, fault);
            if (services.OfType<WorkerService>().Single().Refusal is { } refusal)
                return ProcessFault.Report(Console.Error, Who, refusal);
            return life.IsDrained ? 0 : asked.HasCome ? asked.ExitCode : ProcessFault.Report(Console.Error, Who, null);
        }
#pragma warning disable CA1031 // The top of the process: whatever ends it is told in one line, and by its exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ProcessFault.Report(Console.Error, Who, exception);
        }
    }

    /// <param name="options">What the command line says, by the settings' names; null: nothing.</param>
    private static IHost Build(IReadOnlyDictionary<string, string?> options)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("CHANGEDETECTION_").AddInMemoryCollection(options.Where(option => option.Value is not null));
        // What is wrong whatever the system comes before the question which system.
        if (builder.Configuration["Slots"] is { } slots)
            _ = SlotList.Parse(slots);
        var system = SystemSettings.Read(options[DataDirKey]);
        var settings = WorkerSettingsReader.Read(system, builder.Configuration);
        // The folder's own store is made here, if need be: closed to others, like everything in the folder.
        if (settings.Store == system.Folder.StoreUri)
            _ = DataFolder.Open(system.Folder.Path);
        if (system.Database is null)
            FormerFolders.Pass(system.Folder);
        // Trainers open the store. One that cannot be opened is an error here, and not in the first of them.
        _ = ObjectStores.Open(settings.Store);

        // What ends a service is told once, at the end (ProcessFault).
        builder.Logging.UseLines().AddFilter("ChangeDetection", LogLevel.Information).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.CheckpointGrace * 3);
        builder.Services.AddWorker(settings, SettingsSection.Read<LeaseSettings>(builder.Configuration, "Lease"));
        builder.Services.AddHealthFile(builder.Configuration, provider => provider.GetRequiredService<WorkerLifetime>().Registered);
        var host = builder.Build();
        ParentPipe.Watch(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication, settings.CheckpointGrace * 3);
        return host;
    }
}
