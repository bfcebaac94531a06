using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>
/// Writes a zip file of stored records, each beginning at a multiple of 64 bytes, as PyTorch does so that it can map them. No times: a function of
/// the records alone.
/// </summary>
internal static class ZipWriter
{
    private const int Alignment = 64;
    private const int LocalLength = 30;
    /// <summary>Header of the extra field that fills up to the alignment.</summary>
    private const int FillHeader = 4;
    /// <summary>First of January 1980, the format's beginning.</summary>
    private const ushort Date = 0x21;

    /// <param name="folder">Before every name, with its slash.</param>
    /// <exception cref="ArgumentException">The records do not fit into the plain form of the format.</exception>
    public static async Task WriteAsync(
        Stream stream, string folder, IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> records, CancellationToken cancellationToken)
    {
        if (records.Count > ushort.MaxValue || records.Sum(record => (long)record.Bytes.Length + 4 * Alignment) > int.MaxValue)
            throw new ArgumentException(
                $"{records.Count} records of together 2 GiB or more do not fit into a zip file that can be loaded again. Take safetensors.",
                nameof(records));
        var directory = new MemoryStream();
        var at = 0;
        foreach (var (name, bytes) in records)
        {
            var path = Encoding.ASCII.GetBytes(folder + name);
            var crc = Crc32.HashToUInt32(bytes.Span);
            var unfilled = at + LocalLength + path.Length + FillHeader;
            var fill = (Alignment - unfilled % Alignment) % Alignment;
            await stream.WriteAsync(LocalHeader(path, bytes.Length, crc, fill), cancellationToken);
            await stream.WriteAsync(bytes, cancellationToken);
            directory.Write(DirectoryEntry(path, bytes.Length, crc, at));
            at = unfilled + fill + bytes.Length;
        }
        await stream.WriteAsync(directory.ToArray(), cancellationToken);
        await stream.WriteAsync(End(records.Count, (int)directory.Length, at), cancellationToken);
    }

    private static byte[] LocalHeader(byte[] path, int length, uint crc, int fill)
    {
        var header = new byte[LocalLength + path.Length + FillHeader + fill];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        Common(header.AsSpan(4), path, length, crc);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)(FillHeader + fill));
        path.CopyTo(header, LocalLength);
        var extra = header.AsSpan(LocalLength + path.Length);
        "FB"u8.CopyTo(extra);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)fill);
        extra[FillHeader..].Fill((byte)'Z');
        return header;
    }

    private static byte[] DirectoryEntry(byte[] path, int length, uint crc, int at)
    {
        var entry = new byte[ZipEntry.FixedLength + path.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014b50);
        Common(entry.AsSpan(6), path, length, crc);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(42), at);
        path.CopyTo(entry, ZipEntry.FixedLength);
        return entry;
    }

    /// <summary>What both have in the same order: version needed, flags, method (stored), time, date, checksum, lengths.</summary>
    private static void Common(Span<byte> part, byte[] path, int length, uint crc)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(part, 20);
        BinaryPrimitives.WriteUInt16LittleEndian(part[8..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(part[10..], crc);
        BinaryPrimitives.WriteInt32LittleEndian(part[14..], length);
        BinaryPrimitives.WriteInt32LittleEndian(part[18..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(part[22..], (ushort)path.Length);
    }

    private static byte[] End(int records, int length, int at)
    {
        var end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)records);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)records);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), length);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(16), at);
        return end;
    }
}
