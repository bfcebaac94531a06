using System.Buffers.Binary;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Where a zip file's directory lies: its bytes from <paramref name="Begin"/> to <paramref name="End"/>, and how many records it claims.</summary>
internal readonly record struct ZipDirectory(int Begin, int End, long Records)
{
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int WideEndLength = 56;
    private const int MaxComment = ushort.MaxValue;

    /// <summary>Finds it by the record at the file's end, in the wide form (zip64) that PyTorch writes, or in the plain one.</summary>
    /// <exception cref="CheckpointInvalidException">There is none, or it lies outside the file.</exception>
    public static ZipDirectory Find(ReadOnlySpan<byte> file, string subject)
    {
        var at = FindEnd(file);
        if (at < 0)
            throw new CheckpointInvalidException(subject, "it begins as a zip file and has no directory at its end; it is cut short, fetch it again.");
        var end = file[at..];
        var (records, size, begin, limit) = (
            (ulong)BinaryPrimitives.ReadUInt16LittleEndian(end[10..]), (ulong)BinaryPrimitives.ReadUInt32LittleEndian(end[12..]),
            (ulong)BinaryPrimitives.ReadUInt32LittleEndian(end[16..]), (ulong)at);
        if (at >= LocatorLength && BinaryPrimitives.ReadUInt32LittleEndian(file[(at - LocatorLength)..]) == 0x07064b50)
        {
            limit = BinaryPrimitives.ReadUInt64LittleEndian(file[(at - LocatorLength + 8)..]);
            if (limit > (ulong)(at - LocatorLength) || (ulong)(at - LocatorLength) - limit < WideEndLength
                || BinaryPrimitives.ReadUInt32LittleEndian(file[(int)limit..]) != 0x06064b50)
                throw new CheckpointInvalidException(subject, "the end of its zip directory lies outside the file.");
            var wide = file[(int)limit..];
            (records, size, begin) = (BinaryPrimitives.ReadUInt64LittleEndian(wide[32..]), BinaryPrimitives.ReadUInt64LittleEndian(wide[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(wide[48..]));
        }
        if (begin > limit || size > limit - begin || records > size / ZipEntry.FixedLength)
            throw new CheckpointInvalidException(
                subject, $"its zip directory claims {records} records in {size} bytes from byte {begin} on, which the file does not have.");
        return new ZipDirectory((int)begin, (int)(begin + size), (long)records);
    }

    /// <summary>The last record is found from behind; a comment may stand behind it, of the very length that it says.</summary>
    private static int FindEnd(ReadOnlySpan<byte> file)
    {
        for (var at = file.Length - EndLength; at >= 0 && at >= file.Length - EndLength - MaxComment; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file[at..]) == 0x06054b50
                && BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 20)..]) == file.Length - EndLength - at)
                return at;
        }
        return -1;
    }
}
