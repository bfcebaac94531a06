namespace ChangeDetection.Core.People;

/// <summary>
/// How a dashboard says where it is reached, on one line of its standard output, and how its parent reads that. The token that a parent gave stands in no line
/// of its own: output is kept in a log.
/// </summary>
public static class DashboardAddress
{
    /// <summary>The environment variable by which a parent gives its dashboard the start-up token.</summary>
    public const string TokenVariable = "CHANGEDETECTION_STARTUP_TOKEN";

    /// <summary>The name of the token in an address.</summary>
    public const string Parameter = "token";

    private const string Mark = "dashboard: ";
    private const string Given = " (with the token that it was given)";

    /// <summary>The line for a dashboard at this address.</summary>
    /// <param name="token">The start-up token; null where there is none.</param>
    /// <param name="isGiven">Whether the parent knows it already.</param>
    public static string Announce(Uri address, string? token, bool isGiven) => (token, isGiven) switch
    {
        (null, _) => $"{Mark}{address}",
        (_, true) => $"{Mark}{address}{Given}",
        (_, false) => $"{Mark}{Signed(address, token)}",
    };

    /// <summary>What a line announces: the address, and whether the token that was given opens it; null of another line.</summary>
    public static (Uri Address, bool TakesToken)? Read(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
            return null;
        var takesToken = line.EndsWith(Given, StringComparison.Ordinal);
        var text = line[Mark.Length..^(takesToken ? Given.Length : 0)];
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? (address, takesToken) : null;
    }

    /// <summary>The address of a page that signs its reader in.</summary>
    /// <param name="path">Below the dashboard's own address, without a leading slash.</param>
    public static Uri Signed(Uri address, string? token, string path = "") =>
        new UriBuilder(new Uri(address, path)) { Query = token is null ? "" : $"{Parameter}={token}" }.Uri;
}
