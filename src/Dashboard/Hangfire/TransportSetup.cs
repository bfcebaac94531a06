using ChangeDetection.Core.Queue;
using ChangeDetection.Dashboard.Settings;
using Hangfire;
using Hangfire.PostgreSql;

namespace ChangeDetection.Dashboard.Hangfire;

/// <summary>Hangfire's own dashboard, to look at: whatever is to be done to a run is done on the run's page.</summary>
public static class TransportSetup
{
    public const string Path = "/hangfire";

    public static IServiceCollection AddTransport(this IServiceCollection services, DashboardSettings settings)
    {
        services.AddSingleton(_ => HangfireSetup.CreateStorage(settings.Database));
        services.AddSingleton<JobStorage>(provider => provider.GetRequiredService<PostgreSqlStorage>());
        services.AddHangfire((provider, configuration) => configuration
            .UseStorage(provider.GetRequiredService<PostgreSqlStorage>())
            .UseJobDetailsRenderer(order: 0, RunCard.Render));
        return services;
    }

    public static IEndpointRouteBuilder MapTransport(this IEndpointRouteBuilder app)
    {
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            DashboardTitle = "ChangeDetection: queue",
            // The link back to our pages.
            AppPath = "/",
            DisplayStorageConnectionString = false,
            IsReadOnlyFunc = _ => true,
            DefaultRecordsPerPage = 20,
        });
        return app;
    }
}
