using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ChangeDetection.Worker.Hosting;

/// <summary>The main of a worker process.</summary>
public static class WorkerHost
{
    private const int Wrong = 2;
    private const string DataDirKey = "Data_Dir";

    private static readonly Dictionary<string, string> s_switches = new()
    {
        ["--slots"] = "Slots",
        ["--queues"] = "Queues",
        ["--data-dir"] = DataDirKey,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length % 2 != 0 || args.Where((_, index) => index % 2 == 0).Any(option => !s_switches.ContainsKey(option)))
        {
            await Console.Error.WriteLineAsync($"error: unknown or incomplete options: {string.Join(' ', args)}. There are: {string.Join(", ", s_switches.Keys)}, each with a value.");
            return Wrong;
        }
        try
        {
            using var host = Build(args);
            await host.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is SettingsException or FormatException or StoreUriException or DataFolderException)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return Wrong;
        }
    }

    private static IHost Build(string[] options)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        var arguments = new ConfigurationBuilder().AddCommandLine(options, s_switches).Build();
        builder.Configuration.AddEnvironmentVariables("CHANGEDETECTION_").AddConfiguration(arguments);
        // What is wrong whatever the system comes before the question which system.
        if (builder.Configuration["Slots"] is { } slots)
            _ = SlotList.Parse(slots);
        var system = SystemSettings.Read(arguments[DataDirKey]);
        var settings = WorkerSettingsReader.Read(system, builder.Configuration);
        // The folder's own store is made here, if need be: closed to others, like everything in the folder.
        if (settings.Store == system.Folder.StoreUri)
            _ = DataFolder.Open(system.Folder.Path);
        // Trainers open the store. One that nobody can is told here, not by the first of them.
        _ = ObjectStores.Open(settings.Store);

        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("ChangeDetection", LogLevel.Information);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.CheckpointGrace * 3);
        builder.Services.AddWorker(settings, builder.Configuration.GetSection("Lease").Get<LeaseSettings>() ?? new LeaseSettings());
        var host = builder.Build();
        ParentPipe.Watch(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication, settings.CheckpointGrace * 3);
        return host;
    }
}
