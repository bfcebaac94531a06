using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Workers;
using Npgsql;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>What every page stands on: stores and logging.</summary>
public static class HostSetup
{
    /// <summary>One data source for the process, and the stores over it.</summary>
    public static IServiceCollection AddStores(this IServiceCollection services, DashboardSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton(_ => DataSources.Create(settings.Database, "dashboard"))
        // Opened now: a store that nothing serves is said before the dashboard listens.
        .AddSingleton(ObjectStores.Open(settings.Store))
        // Pages read it alone: nobody submits here.
        .AddSingleton(provider => new ExperimentStore(provider.GetRequiredService<NpgsqlDataSource>()))
        .AddSingleton<RunStore>()
        // Of the one who asks: who acts stands in the ledger.
        .AddScoped(provider => new RunActionStore(provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<Actor>()))
        .AddSingleton<AttemptStore>()
        .AddSingleton<EventStore>()
        .AddSingleton<LogStore>()
        .AddSingleton<ArtifactStore>()
        .AddSingleton<MetricStore>()
        .AddSingleton<CheckpointStore>()
        .AddSingleton<WorkerStore>()
        .AddSingleton<TokenStore>()
        .AddSingleton<AuditStore>()
        .AddSingleton<CookieKeyStore>();

    /// <summary>Open pages hold their connections as long as we let them; there is nothing of theirs to save.</summary>
    public static void StopPromptly(this IServiceCollection services) =>
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

    /// <summary>Warnings and worse, on standard error: standard output carries the address alone.</summary>
    public static void UseQuietLogging(this WebApplicationBuilder builder) => builder.Logging.UseLines();
}
