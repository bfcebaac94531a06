using System.Security.Cryptography;
using System.Text;

namespace ChangeDetection.Core.Hashing;

/// <summary>SHA-256 as manifests, rows and messages write it: 64 lower-case hexadecimal digits.</summary>
public static class Sha256Hex
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of a text, in UTF-8 without a mark.</summary>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Of the bytes from a stream's position to its end.</summary>
    public static async Task<string> OfAsync(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));

    /// <summary>A hash of bytes that come piece by piece.</summary>
    public static IncrementalHash Begin() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Of all the pieces since <see cref="Begin"/>; what is appended afterwards begins anew.</summary>
    public static string End(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
