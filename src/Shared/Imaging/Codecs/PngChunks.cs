using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>A walk over the chunks of a PNG held in memory. Critical chunks are checked against their CRC, ancillary ones are skipped unread.</summary>
internal struct PngChunks(ReadOnlyMemory<byte> file, string name)
{
    private int _at = ImageSignature.Png.Length;

    /// <summary>The current chunk's type, its four letters read as a big-endian number.</summary>
    public uint Type { get; private set; }

    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Whether the chunk's CRC matches; of critical chunks it does.</summary>
    public readonly bool IsSound => Crc32.HashToUInt32(file.Span.Slice(_at - 8 - Data.Length, 4 + Data.Length))
        == BinaryPrimitives.ReadUInt32BigEndian(file.Span[(_at - 4)..]);

    public const uint Transparency = 0x74524E53, Header = 0x49484452, Palette = 0x504C5445, ImageData = 0x49444154, End = 0x49454E44;

    /// <summary>Moves to the next chunk.</summary>
    /// <exception cref="ImageException">The file ends before the IEND chunk, or a critical chunk's CRC does not match.</exception>
    public void Next()
    {
        var rest = file.Span[_at..];
        if (rest.Length < 12)
            throw ImageException.Truncated(name, "the PNG has no IEND chunk");
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        Type = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        if (length > rest.Length - 12)
            throw ImageException.Truncated(name, $"the PNG ends within its chunk '{TypeName}' at byte {_at:N0}");
        var typed = rest.Slice(4, 4 + (int)length);
        var crc = rest[(8 + (int)length)..];
        if (IsCritical && Crc32.HashToUInt32(typed) != BinaryPrimitives.ReadUInt32BigEndian(crc))
            throw ImageException.Damaged(name, $"the CRC of the PNG chunk '{TypeName}' at byte {_at:N0} does not match");
        Data = file.Slice(_at + 8, (int)length);
        _at += 12 + (int)length;
    }

    /// <summary>The case of the first letter says whether a decoder may ignore the chunk.</summary>
    public readonly bool IsCritical => (Type & 0x2000_0000) == 0;

    public readonly string TypeName
    {
        get
        {
            Span<byte> letters = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(letters, Type);
            return Encoding.ASCII.GetString(letters);
        }
    }
}
