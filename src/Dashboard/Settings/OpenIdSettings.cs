using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>A provider of OpenID Connect by which browsers sign in, and what its claims mean here.</summary>
/// <param name="UserClaim">The claim that is the user's name.</param>
/// <param name="RoleClaim">The claim whose values give roles.</param>
/// <param name="Grants">The values that give each role; <c>*</c>: everybody has it.</param>
public sealed record OpenIdSettings(
    Uri Authority, string ClientId, string ClientSecret, string UserClaim, string RoleClaim, IReadOnlyList<string> Scopes,
    IReadOnlyDictionary<UserRole, IReadOnlySet<string>> Grants)
{
    private const string Prefix = "CHANGEDETECTION_OIDC__";
    private const string Everybody = "*";

    /// <summary>What the button says.</summary>
    public string Label { get; init; } = "single sign-on";

    /// <returns>Null where no provider is named.</returns>
    /// <exception cref="SettingsException">A setting is wrong or missing.</exception>
    public static OpenIdSettings? Read(IConfiguration settings)
    {
        var section = settings.GetSection("OIDC");
        if (section["AUTHORITY"] is not { Length: > 0 } authority)
            return null;
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !uri.IsLoopback))
            throw new SettingsException($"{Prefix}AUTHORITY is '{authority}'. It is the provider's address, with https: https://login.example.org/realms/lab");
        var grants = UserRoles.All.ToDictionary(role => role, role => (IReadOnlySet<string>)Set(section[role.Word().ToUpperInvariant()]));
        if (grants.Values.All(values => values.Count == 0))
            throw new SettingsException(
                $"{Prefix}VIEWER, {Prefix}OPERATOR and {Prefix}ADMIN are all empty: nobody could sign in. Say which values of the role claim give which role; "
                + $"* is everybody whom the provider lets in.");
        return new OpenIdSettings(
            uri, Required(section, "CLIENT_ID"), Secret(section), Text(section["USER_CLAIM"]) ?? "preferred_username", Text(section["ROLE_CLAIM"]) ?? "groups",
            [.. Set(section["SCOPES"] ?? "openid,profile").Append("openid").Distinct()], grants)
        {
            Label = Text(section["LABEL"]) ?? "single sign-on",
        };
    }

    /// <summary>The highest role that a user's claims give; null: none.</summary>
    public UserRole? RoleOf(IReadOnlyCollection<string> values) => UserRoles.All
        .Where(role => Grants.TryGetValue(role, out var grant) && (grant.Contains(Everybody) || grant.Overlaps(values)))
        .Select(role => (UserRole?)role).LastOrDefault();

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{ClientId} at {Authority}";

    private static string Secret(IConfiguration section)
    {
        if (Text(section["CLIENT_SECRET_FILE"]) is not { } file)
            return Required(section, "CLIENT_SECRET");
        try
        {
            return Text(File.ReadAllText(file)) ?? throw new SettingsException($"{Prefix}CLIENT_SECRET_FILE: '{file}' is empty.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{Prefix}CLIENT_SECRET_FILE: '{file}' cannot be read: {error.Message}", error);
        }
    }

    private static string Required(IConfiguration section, string key) => Text(section[key]) ?? throw new SettingsException(
        $"{Prefix}{key} is missing: the provider knows the dashboard by its client id and secret{(key == "CLIENT_SECRET" ? " (or CLIENT_SECRET_FILE)" : "")}.");

    private static HashSet<string> Set(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
