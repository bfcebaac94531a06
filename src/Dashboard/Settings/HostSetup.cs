using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Workers;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>What every page stands on: stores, logging, liveness.</summary>
public static class HostSetup
{
    /// <summary>One data source for the process, and the stores over it.</summary>
    public static IServiceCollection AddStores(this IServiceCollection services, DashboardSettings settings) => services
        .AddSingleton(_ => DataSources.Create(settings.Database, "dashboard"))
        // Opened now: a store that nothing serves is said before the dashboard listens.
        .AddSingleton(ObjectStores.Open(settings.Store))
        .AddSingleton<ExperimentStore>()
        .AddSingleton<RunStore>()
        .AddSingleton<RunActionStore>()
        .AddSingleton<AttemptStore>()
        .AddSingleton<EventStore>()
        .AddSingleton<LogStore>()
        .AddSingleton<ArtifactStore>()
        .AddSingleton<MetricStore>()
        .AddSingleton<CheckpointStore>()
        .AddSingleton<WorkerStore>();

    /// <summary>Open pages hold their connections as long as we let them; there is nothing of theirs to save.</summary>
    public static void StopPromptly(this IServiceCollection services) =>
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

    /// <summary>Warnings and worse, on standard error: standard output carries the address alone.</summary>
    public static void UseQuietLogging(this WebApplicationBuilder builder) => builder.Logging.UseLines();

    /// <summary>Liveness: this process answers. It says nothing about the database, whose outage is no reason to restart us.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("ok"));
        return app;
    }
}
