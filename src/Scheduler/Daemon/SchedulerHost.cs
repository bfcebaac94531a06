using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>The scheduler daemon: the reconciler over one database, and the collection of what nobody refers to in its store.</summary>
public sealed class SchedulerHost : IAsyncDisposable
{
    private readonly IHost _host;

    private SchedulerHost(IHost host) => _host = host;

    /// <summary>Starts it on a database that has been migrated; one that went away since is waited for.</summary>
    /// <param name="store">Where objects are; null: nobody said, and what is no longer kept stays there.</param>
    public static async Task<SchedulerHost> StartAsync(string connectionString, Uri? store, CancellationToken cancellationToken)
    {
        var storage = await Outage.RetryAsync(_ => Task.Run(() => HangfireSetup.CreateStorage(connectionString)), cancellationToken);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("CHANGEDETECTION_");
        builder.Logging.UseLines().AddFilter("ChangeDetection", LogLevel.Information);
        builder.Services.AddSingleton(_ => DataSources.Create(connectionString, "changedetection scheduler"));
        builder.Services.AddSingleton(storage);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => builder.Configuration.GetSection("Lease").Get<LeaseSettings>() ?? new LeaseSettings());
        builder.Services.AddSingleton<RunQueue>();
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Reconciler>(services, connectionString));
        if (store is not null)
        {
            builder.Services.AddSingleton(ObjectStores.Open(store)).AddSingleton(RetentionSettings.Read(builder.Configuration));
            builder.Services.AddHostedService<GarbageCollection>();
        }
        var host = builder.Build();
        if (store is null)
            SchedulerLog.NothingToCollectFrom(host.Services.GetRequiredService<ILogger<GarbageCollection>>());
        await host.StartAsync(cancellationToken);
        return new SchedulerHost(host);
    }

    public Task RunUntilStoppedAsync(CancellationToken cancellationToken) => _host.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _host.StopAsync(limit.Token);
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
