using ChangeDetection.Core.Database;
using ChangeDetection.Core.Faults;
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
        // What ends a service is told once, at the end (SchedulerFaultException).
        builder.Logging.UseLines().AddFilter("ChangeDetection", LogLevel.Information).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddSingleton(_ => DataSources.Create(connectionString, "changedetection scheduler"));
        builder.Services.AddSingleton(storage);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(SettingsSection.Read<LeaseSettings>(builder.Configuration, "Lease"));
        builder.Services.AddSingleton<RunQueue>();
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Reconciler>(services, connectionString));
        if (store is not null)
        {
            builder.Services.AddSingleton(ObjectStores.Open(store)).AddSingleton(RetentionSettings.Read(builder.Configuration));
            builder.Services.AddHostedService<GarbageCollection>();
        }
        builder.Services.AddHealthFile(builder.Configuration);
        var host = builder.Build();
        if (store is null)
            SchedulerLog.NothingToCollectFrom(host.Services.GetRequiredService<ILogger<GarbageCollection>>());
        await host.StartAsync(cancellationToken);
        return new SchedulerHost(host);
    }

    /// <exception cref="SchedulerFaultException">One of its services failed.</exception>
    public async Task RunUntilStoppedAsync(CancellationToken cancellationToken)
    {
        var services = _host.Services.GetServices<IHostedService>().ToList();
        await _host.WaitForShutdownAsync(cancellationToken);
        // A host ends alike when it was asked to and when a service of its fails.
        if (ServiceFault.Of(services) is { } fault)
            throw new SchedulerFaultException(fault);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _host.StopAsync(limit.Token);
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}

/// <summary>The scheduler ended although nobody asked it to.</summary>
public sealed class SchedulerFaultException(Exception cause) : Exception($"the scheduler ended by a fault: {ProcessFault.Words(cause)}", cause);
