namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// A provider of OpenID Connect (oidc-provider, from npm) at which everybody is who he says he is. <c>maria</c> is in the groups <c>lab</c> and
/// <c>lab-admins</c>, <c>otto</c> in <c>lab</c>, all others in none.
/// </summary>
public sealed class OpenIdServer : IAsyncDisposable
{
    public const string ClientId = "dashboard";

    private readonly NodeServer _server;

    private OpenIdServer(NodeServer server) => _server = server;

    public Uri Address => _server.Address;

    /// <summary>Starts it; skips the test, with the reason, where it is not installed.</summary>
    /// <param name="secret">The client's.</param>
    public static async Task<OpenIdServer> StartOrSkipAsync(string secret) =>
        new(await NodeServer.StartScriptOrSkipAsync("openid-provider.mjs", "oidc-provider", _ => [secret], "listening on"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
