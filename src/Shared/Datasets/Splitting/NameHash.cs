using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>A number for a name, as if drawn evenly from [0, 1), but always the same: what other names there are does not matter.</summary>
internal static class NameHash
{
    private const int Bits = 53;

    /// <summary>
    /// The first 53 bits, as a binary fraction, of the SHA-256 of the seed in decimal digits, a line feed and the name, in UTF-8 and Unicode's form NFC. In
    /// Python: <c>(int.from_bytes(sha256(f"{seed}\n{name}".encode()).digest()[:8], "big") >> 11) / 2**53</c>.
    /// </summary>
    public static double Of(string name, long seed)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{seed}\n{name.Normalize(NormalizationForm.FormC)}");
        var first = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return (double)(first >> (64 - Bits)) / (1L << Bits);
    }
}
