using System.Security.Cryptography;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>SHA-256 as manifests write it: lower-case hexadecimal.</summary>
internal static class ContentHash
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
