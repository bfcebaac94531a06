namespace ChangeDetection.Dashboard.Access;

/// <summary>Where a browser is sent after it signed in: a place of this dashboard, whatever the address or the form said.</summary>
internal static class LocalPath
{
    public const string Front = "/";

    /// <summary>The path, or the front page where it could lead elsewhere: browsers read // and /\ as the beginning of another host.</summary>
    public static string Of(string? path) =>
        path is ['/', ..] && (path.Length == 1 || path[1] is not ('/' or '\\')) && !path.Any(char.IsControl) ? path : Front;
}
