using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using ChangeDetection.Datasets.Packing;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// What stands before a record's pixels: a checksum of the rest, the checksums of the bands, the sample's origin (zeros where there is none) and
/// its key. It is kept with the pixels and not in memory, where only a few bytes per sample remain.
/// </summary>
internal static class RecordHeader
{
    private const int OriginBytes = 16 + 4 * sizeof(int);

    public static int Length(string key, int sums) => sizeof(ulong) * (1 + sums) + OriginBytes + Encoding.UTF8.GetByteCount(key);

    public static byte[] Write(string key, SampleOrigin? origin, ReadOnlySpan<ulong> sums, long seed)
    {
        var header = new byte[Length(key, sums.Length)];
        var rest = header.AsSpan(sizeof(ulong));
        MemoryMarshal.AsBytes(sums).CopyTo(rest);
        var behind = rest[(sizeof(ulong) * sums.Length)..];
        var (source, place) = origin ?? default;
        BinaryPrimitives.WriteUInt128LittleEndian(behind, source);
        MemoryMarshal.Write(behind[16..], place);
        Encoding.UTF8.GetBytes(key, behind[OriginBytes..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header, XxHash3.HashToUInt64(rest, seed));
        return header;
    }

    /// <summary>False when it is not what was written under this seed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, Span<ulong> sums, long seed, out string key, out SampleOrigin? origin)
    {
        (key, origin) = ("", null);
        var rest = header[sizeof(ulong)..];
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != XxHash3.HashToUInt64(rest, seed))
            return false;
        var bands = MemoryMarshal.AsBytes(sums);
        rest[..bands.Length].CopyTo(bands);
        var behind = rest[bands.Length..];
        if (MemoryMarshal.Read<PixelRectangle>(behind[16..]) is { Width: > 0 } place)
            origin = new(BinaryPrimitives.ReadUInt128LittleEndian(behind), place);
        key = Encoding.UTF8.GetString(behind[OriginBytes..]);
        return true;
    }
}
