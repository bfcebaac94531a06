using System.Text;

namespace ChangeDetection.Datasets.Shards.Tars;

/// <summary>
/// One header block of a tar (POSIX ustar; GNU's and Python's variants of it). Read by ourselves, because <c>System.Formats.Tar</c> allocates
/// as many bytes as an extended header declares, and a tar of two blocks can declare gigabytes.
/// </summary>
/// <param name="Name">With the prefix, as it stands there; a long name's header before it says more (<see cref="TarWalk"/>).</param>
/// <param name="Size">Bytes of data behind the header.</param>
/// <param name="Type">The type flag: <c>'0'</c> or NUL is a regular file.</param>
internal readonly record struct TarHeader(string Name, long Size, byte Type)
{
    public const byte PaxOfNext = (byte)'x', PaxOfAll = (byte)'g', GnuLongName = (byte)'L', GnuLongLink = (byte)'K', Folder = (byte)'5';
    private const int ChecksumAt = 148, ChecksumLength = 8;

    public bool IsFile => Type is (byte)'0' or 0 or (byte)'7';

    /// <summary>Reads a block that is not empty.</summary>
    /// <returns>What is wrong with it, as the end of a sentence; null when nothing is.</returns>
    public static string? TryRead(ReadOnlySpan<byte> block, out TarHeader header)
    {
        header = default;
        if (Number(block.Slice(ChecksumAt, ChecksumLength)) is not { } expected || !HasChecksum(block, expected))
            return "has a header whose checksum does not match";
        if (Number(block.Slice(124, 12)) is not { } size)
            return "has a header with a size that is no number";
        var name = Text(block[..100]);
        // Only POSIX' own magic: GNU keeps times where the prefix would be.
        if (block.Slice(257, 6).SequenceEqual("ustar\0"u8) && Text(block.Slice(345, 155)) is { Length: > 0 } prefix)
            name = $"{prefix}/{name}";
        header = new(name, size, block[156]);
        return null;
    }

    private static bool HasChecksum(ReadOnlySpan<byte> block, long expected)
    {
        var (unsigned, signed) = (0L, 0L);
        for (var at = 0; at < block.Length; at++)
        {
            var value = at is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : block[at];
            unsigned += value;
            signed += (sbyte)value;
        }
        // Some old programs added signed bytes up.
        return expected == unsigned || expected == signed;
    }

    /// <summary>Octal digits between blanks and NULs, or, with the highest bit set, a big-endian number (GNU's, for 8 GiB and more).</summary>
    private static long? Number(ReadOnlySpan<byte> field)
    {
        var number = 0L;
        if (field[0] == 0x80)
        {
            foreach (var value in field[1..])
            {
                if (number > long.MaxValue >> 8)
                    return null;
                number = number << 8 | value;
            }
            return number;
        }
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            number = number << 3 | (uint)(digit - '0');
        }
        return number;
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);
}
