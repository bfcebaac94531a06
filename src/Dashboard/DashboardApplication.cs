using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Checkpoints;
using ChangeDetection.Dashboard.Hangfire;
using ChangeDetection.Dashboard.Layout;
using ChangeDetection.Dashboard.Pictures;
using ChangeDetection.Dashboard.Runs;
using ChangeDetection.Dashboard.Security;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.Dashboard.Workers;

namespace ChangeDetection.Dashboard;

/// <summary>The dashboard, put together: its table of contents.</summary>
public static class DashboardApplication
{
    /// <summary>Builds the dashboard without starting it. The database must have our schema and Hangfire's.</summary>
    public static WebApplication Create(DashboardSettings settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(DashboardApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.UseQuietLogging();
        builder.ListenAsSet(settings);
        builder.Services.StopPromptly();
        builder.Services.AddStores(settings);
        builder.Services.AddSecurity(settings);
        builder.Services.AddAccess(settings);
        builder.Services.AddLive();
        builder.Services.AddTransport(settings);
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();

        var app = builder.Build();
        app.UseTrustedProxy(settings);
        app.UseSecurity();
        app.UseProblemPages();
        app.UseAccess();
        app.UseAntiforgery();
        app.UseTransportAudit();

        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
        app.MapRuns();
        app.MapCheckpoints();
        app.MapPictures();
        app.MapWorkers();
        app.MapTransport();
        app.MapSignIn(settings);
        app.MapHealth();
        return app;
    }
}
