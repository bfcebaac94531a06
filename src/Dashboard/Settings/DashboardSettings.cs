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
    /// <summary>The address to listen on. Beyond loopback only behind TLS: <see cref="Tls"/> or <see cref="TrustedProxies"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;
    /// <summary>The port; 0 for any free one; null for the next free one from <see cref="FirstPort"/> on.</summary>
    public int? Port { get; init; }
    /// <summary>How long to wait for the scheduler to bring the database to this program's schema.</summary>
    public TimeSpan SchemaPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The token that opens this dashboard while it is for its machine alone; null: users' tokens alone open it.</summary>
    public string? StartupToken { get; init; }
    /// <summary>Whether the parent gave the token, and so knows it.</summary>
    public bool TokenIsGiven { get; init; }
    /// <summary>The certificate of its own; null: none.</summary>
    public TlsFiles? Tls { get; init; }
    /// <summary>Proxies before it that do TLS, and are believed whose request they pass on.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];
    /// <summary>Names by which browsers reach it, beside those of loopback.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
    /// <summary>Where browsers may sign in; null: with tokens alone.</summary>
    public OpenIdSettings? OpenId { get; init; }
    /// <summary>How old the knowledge may be that a token is valid: what a revoked one still opens, it opens for so long.</summary>
    public TimeSpan SessionCheckEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it is for the users of its own machine: what the start-up token is for.</summary>
    public bool IsPrivate => IPAddress.IsLoopback(Address) && TrustedProxies.Count == 0;
}

/// <summary>A certificate and its private key, as PEM files.</summary>
public sealed record TlsFiles(string Certificate, string Key);
