using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Queue;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Settings;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.PostgreSql;

namespace ChangeDetection.Dashboard.Hangfire;

/// <summary>
/// Hangfire's own dashboard, for administrators: whatever is to be done to a run is done on the run's page, and what is done to a queue job here stands in the
/// ledger.
/// </summary>
public static class TransportSetup
{
    public const string Path = "/hangfire";

    /// <summary>
    /// Hangfire knows one log for the whole process, which so must not end with the dashboard that named it, such as one that found its port taken.
    /// </summary>
    private static readonly ILoggerFactory s_log = LoggerFactory.Create(logging => logging.UseLines());

    public static IServiceCollection AddTransport(this IServiceCollection services, DashboardSettings settings)
    {
        services.AddSingleton(_ => HangfireSetup.CreateStorage(settings.Database));
        services.AddSingleton<JobStorage>(provider => provider.GetRequiredService<PostgreSqlStorage>());
        services.AddHangfire((provider, configuration) => configuration
            .UseLogProvider(new AspNetCoreLogProvider(s_log))
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
