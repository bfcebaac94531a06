namespace ChangeDetection.Storage;

/// <summary>The storage backends by the scheme of their URI: a backend is one file and one line here.</summary>
public static class ObjectStores
{
    private static readonly SortedDictionary<string, Func<Uri, IObjectStore>> s_backends = new(StringComparer.Ordinal)
    {
        [Uri.UriSchemeFile] = uri => new FileObjectStore(LocalPath(uri)),
    };

    /// <summary>Schemes that <see cref="Open"/> knows, in order.</summary>
    public static IReadOnlyCollection<string> Schemes => s_backends.Keys;

    /// <summary>Opens the store at a root such as <c>file:///data/store</c>. Nothing is created or contacted yet.</summary>
    /// <exception cref="StoreUriException">No backend serves the scheme, or the URI is not one of a store.</exception>
    public static IObjectStore Open(Uri root)
    {
        if (!root.IsAbsoluteUri)
            throw new StoreUriException($"'{root}' is not an absolute URI. Write it with its scheme, for example file:///data/store.");
        if (!s_backends.TryGetValue(root.Scheme, out var open))
            throw new StoreUriException($"'{root}': there is no storage backend for '{root.Scheme}:'. There is: {string.Join(", ", Schemes)}.");
        if (root.Query.Length > 0 || root.Fragment.Length > 0)
            throw new StoreUriException($"'{root}' has a query or fragment; the root of a store is a plain folder or prefix.");
        return open(root);
    }

    private static string LocalPath(Uri uri) => uri.Host.Length == 0
        ? uri.LocalPath
        : throw new StoreUriException($"'{uri}' names the host '{uri.Host}'; a local folder has three slashes: file:///{uri.Host}{uri.AbsolutePath}.");
}

/// <summary>A URI that is not the root of a store.</summary>
public sealed class StoreUriException(string message) : ArgumentException(message);
