using System.Net;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>Settings of a dashboard process: <c>appsettings.json</c>, then <c>CHANGEDETECTION_…</c>, then the command line.</summary>
public sealed record DashboardSettings
{
    /// <summary>The first port tried when none is given.</summary>
    public const int FirstPort = 5080;

    /// <summary>PostgreSQL connection string.</summary>
    public required string Database { get; init; }
    /// <summary>Root of the object store.</summary>
    public required Uri Store { get; init; }
    /// <summary>The address to listen on: loopback, until there is authentication.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;
    /// <summary>The port; 0 for any free one; null for the next free one from <see cref="FirstPort"/> on.</summary>
    public int? Port { get; init; }
    /// <summary>How long to wait for the scheduler to bring the database to this program's schema.</summary>
    public TimeSpan SchemaPatience { get; init; } = TimeSpan.FromMinutes(2);
}
