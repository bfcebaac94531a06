using System.Security.Cryptography;

namespace ChangeDetection.Core.Storage;

/// <summary>SHA-256 as manifests write it: lower-case hexadecimal.</summary>
public static class Sha256
{
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
