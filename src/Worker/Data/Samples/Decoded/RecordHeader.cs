using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// What stands before a record's pixels: a checksum of the rest, the checksums of the bands, and the sample's key. It is kept with the pixels and not
/// in memory, where only a few bytes per sample remain.
/// </summary>
internal static class RecordHeader
{
    public static int Length(string key, int sums) => sizeof(ulong) * (1 + sums) + Encoding.UTF8.GetByteCount(key);

    public static byte[] Write(string key, ReadOnlySpan<ulong> sums, long seed)
    {
        var header = new byte[Length(key, sums.Length)];
        var rest = header.AsSpan(sizeof(ulong));
        MemoryMarshal.AsBytes(sums).CopyTo(rest);
        Encoding.UTF8.GetBytes(key, rest[(sizeof(ulong) * sums.Length)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header, XxHash3.HashToUInt64(rest, seed));
        return header;
    }

    /// <summary>False when it is not what was written under this seed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, Span<ulong> sums, long seed, out string key)
    {
        key = "";
        var rest = header[sizeof(ulong)..];
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != XxHash3.HashToUInt64(rest, seed))
            return false;
        var bands = MemoryMarshal.AsBytes(sums);
        rest[..bands.Length].CopyTo(bands);
        key = Encoding.UTF8.GetString(rest[bands.Length..]);
        return true;
    }
}
