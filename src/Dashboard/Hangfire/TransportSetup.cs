using ChangeDetection.Core.People;
using ChangeDetection.Core.Queue;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Settings;
using Hangfire;
using Hangfire.PostgreSql;

namespace ChangeDetection.Dashboard.Hangfire;

/// <summary>
/// Hangfire's own dashboard, for administrators: whatever is to be done to a run is done on the run's page, and what is done to a queue job here stands in the
/// ledger.
/// </summary>
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
            DefaultRecordsPerPage = 20,
            // Its own rule lets in what comes from this machine; ours is the endpoint's.
            Authorization = [],
        }).RequireAuthorization(Policies.Admin);
        return app;
    }

    /// <summary>Notes what was done on these pages. They ask for their figures by POST as well.</summary>
    public static void UseTransportAudit(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(Path, out var rest) && rest != "/stats"
            && context.Response.StatusCode < StatusCodes.Status400BadRequest)
        {
            await context.RequestServices.GetRequiredService<AuditStore>().RecordAsync(
                context.RequestServices.GetRequiredService<Actor>(), "hangfire", rest, null, context.RequestAborted);
        }
    });
}
