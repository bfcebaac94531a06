namespace ChangeDetection.Core.Storage.Remote;

/// <summary><c>scheme://bucket/prefix</c>, taken apart.</summary>
/// <param name="Prefix">Of every key: empty, or with a slash at its end.</param>
internal sealed record BucketAddress(Uri Root, string Bucket, string Prefix)
{
    /// <exception cref="StoreUriException">It names no bucket, or a prefix that could not be part of a key.</exception>
    internal static BucketAddress Of(Uri root)
    {
        if (root.Host.Length == 0 || !root.IsDefaultPort)
            throw new StoreUriException($"'{root}' names no bucket. Write {root.Scheme}://BUCKET/prefix; the service's own address goes into the environment.");
        var prefix = Uri.UnescapeDataString(root.AbsolutePath).Trim('/');
        if (prefix.Length > 0 && ObjectKeyRules.Violation(prefix) is { } rule)
            throw new StoreUriException($"'{root}': its prefix {rule}.");
        return new BucketAddress(root, root.Host, prefix.Length == 0 ? "" : prefix + '/');
    }

    internal string Full(string key) => Prefix + key;

    internal string Relative(string key) => key[Prefix.Length..];
}
