using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// The token that this dashboard was started with, and that its address was printed with. Who knows it has the account that started the dashboard, and may do
/// everything. A dashboard that others than the users of its machine reach has none.
/// </summary>
public sealed class StartupToken(DashboardSettings settings)
{
    private readonly byte[]? _hash = settings.StartupToken is { } token && settings.IsPrivate ? Hash(token) : null;

    public bool Exists => _hash is not null;

    /// <summary>Tells sessions of this token from those of one before it.</summary>
    private string Fingerprint => Convert.ToHexStringLower(_hash!.AsSpan(0, 8));

    /// <summary>Takes the same time whatever is given.</summary>
    public bool Matches(string? given) => _hash is not null && given is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(given));

    public System.Security.Claims.ClaimsPrincipal Principal(string scheme) =>
        Session.Create(scheme, Actor.OfAccount().User, UserRole.Admin, ActorMeans.StartupToken, Fingerprint);

    /// <summary>Whether a session came from this token.</summary>
    public bool Opened(string? key) => _hash is not null && key == Fingerprint;

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
