using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>Turns what a user writes for a place (a path or a URI) into an absolute URI of a scheme that the object stores know.</summary>
internal static partial class Location
{
    public static string Rule { get; } = $"a path, or a URI that starts with {Either([.. ObjectStores.Schemes.Select(Beginning)])}";

    /// <param name="problem">What is wrong and the remedy, when false is returned.</param>
    public static bool TryResolve(string text, string? baseFolder, [NotNullWhen(true)] out Uri? uri, [NotNullWhen(false)] out string? problem)
    {
        uri = null;
        problem = Scheme().IsMatch(text) ? ProblemOfUri(text, out uri) : ProblemOfPath(text, baseFolder, out uri);
        if (problem is not null)
            uri = null;
        return problem is null;
    }

    private static string? ProblemOfUri(string text, out Uri? uri)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out uri))
            return "It is not a well-formed URI.";
        var scheme = text[..text.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant();
        if (!ObjectStores.Schemes.Contains(scheme))
            return $"There is no store for '{scheme}:'. A path with a colon starts with ./ or /.";
        if (!text.StartsWith($"{scheme}://", StringComparison.OrdinalIgnoreCase) || (scheme == "file") != (uri.Host.Length == 0))
            return scheme == "file" ? "A file URI is absolute and names no host: file:///folder." : $"Name the host or bucket: {scheme}://NAME/prefix.";
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return "It must hold no user, query or fragment. Credentials belong in the environment of the workers.";
        uri = WithoutFinalSlash(uri);
        return null;
    }

    private static string? ProblemOfPath(string path, string? baseFolder, out Uri? uri)
    {
        uri = null;
        if (path[0] == '~')
            return "~ is not expanded here. Write the path out.";
        if (baseFolder is null && path[0] != '/')
            return "Nothing says what it is relative to. Write it as an absolute URI.";
        var absolute = Path.GetFullPath(path, Path.GetFullPath(baseFolder ?? "/"));
        // Segment by segment: Uri would take '#', '?' and '%' of a file's name for its own.
        uri = WithoutFinalSlash(new Uri("file://" + string.Join('/', absolute.Split('/').Select(Uri.EscapeDataString))));
        return null;
    }

    /// <summary>A folder is the same with and without it, and so must its digest be.</summary>
    private static Uri WithoutFinalSlash(Uri uri) => uri.AbsolutePath.Length > 1 ? new Uri(uri.AbsoluteUri.TrimEnd('/')) : uri;

    private static string Beginning(string scheme) => scheme == "file" ? "file:///" : $"{scheme}://";

    private static string Either(IReadOnlyList<string> words) => $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:")]
    private static partial Regex Scheme();
}
