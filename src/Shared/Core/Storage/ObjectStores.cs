using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage.Remote;

namespace ChangeDetection.Core.Storage;

/// <summary>The storage backends by the scheme of their URI: a backend is one file and one line here.</summary>
public static class ObjectStores
{
    private static readonly SortedDictionary<string, Func<Uri, StorageSettings, IObjectStore>> s_backends = new(StringComparer.Ordinal)
    {
        [Uri.UriSchemeFile] = (uri, _) => new FileObjectStore(LocalPath(uri)),
        [Uri.UriSchemeHttp] = (uri, settings) => new HttpObjectStore(uri, settings),
        [Uri.UriSchemeHttps] = (uri, settings) => new HttpObjectStore(uri, settings),
        ["s3"] = (uri, settings) => new BucketObjectStore(S3Bucket.At(uri, settings, Variable), settings),
        ["az"] = (uri, settings) => new BucketObjectStore(AzureContainer.At(uri, settings, Variable), settings),
    };

    /// <summary>Schemes that <see cref="Open(System.Uri)"/> knows, in order.</summary>
    public static IReadOnlyCollection<string> Schemes => s_backends.Keys;

    /// <summary>Opens the store at a root such as <c>file:///data/store</c> or <c>s3://bucket/prefix</c>. Nothing is created or contacted yet.</summary>
    /// <exception cref="StoreUriException">
    /// No backend serves the scheme, the URI is not one of a store, or the environment's settings are not usable.
    /// </exception>
    public static IObjectStore Open(Uri root) => Open(root, StorageSettings.OfEnvironment());

    /// <inheritdoc cref="Open(System.Uri)"/>
    public static IObjectStore Open(Uri root, StorageSettings settings)
    {
        if (!root.IsAbsoluteUri)
            throw new StoreUriException($"'{root}' is not an absolute URI. Write it with its scheme, for example file:///data/store.");
        // What may be a secret is not repeated.
        if (root.UserInfo.Length > 0)
            throw new StoreUriException(
                $"'{root.Scheme}://…@{root.Host}{root.AbsolutePath}' has credentials in it, and addresses are stored and shown. Put them into the " +
                "environment.");
        if (root.Query.Length > 0 || root.Fragment.Length > 0)
            throw new StoreUriException(
                $"'{root.GetLeftPart(UriPartial.Path)}' goes on with a query or fragment; the root of a store is a plain folder or prefix.");
        if (!s_backends.TryGetValue(root.Scheme, out var open))
            throw new StoreUriException($"'{root}': there is no storage backend for '{root.Scheme}:'. There is: {string.Join(", ", Schemes)}.");
        return open(root, settings);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;

    private static string LocalPath(Uri uri) => uri.Host.Length == 0
        ? FormerFolders.Present(uri.LocalPath)
        : throw new StoreUriException($"'{uri}' names the host '{uri.Host}'; a local folder has three slashes: file:///{uri.Host}{uri.AbsolutePath}.");
}

/// <summary>A URI that is not the root of a store.</summary>
public sealed class StoreUriException(string message) : ArgumentException(message);
