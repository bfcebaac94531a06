using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The header of a Windows bitmap of 1, 4, 8 (palette), 24 or 32 bits: where its rows lie, and in which direction. Rows are not compressed.
/// </summary>
/// <param name="Shape">Always three channels: palettes are expanded, a fourth byte is dropped.</param>
/// <param name="IsBottomUp">Whether the first row stored is the lowest.</param>
/// <param name="PixelsAt">The byte at which rows begin.</param>
/// <param name="PaletteAt">The byte behind the header, where a palette begins.</param>
/// <param name="ColorBytes">Of one colour of the palette.</param>
/// <param name="HasAlpha">Whether the header says that the fourth byte is alpha; without a word of it, it is padding.</param>
internal readonly record struct BmpHeader(
    ImageShape Shape, int Bits, bool IsBottomUp, long PixelsAt, int PaletteAt, int ColorBytes, bool HasAlpha)
{
    /// <summary>The longest header with a whole palette.</summary>
    public const int MaxBytes = FileHeader + LargestHeader + 256 * 4;

    private const int FileHeader = 14, CoreHeader = 12, LargestHeader = 124, Version4 = 108;
    private const int BitFields = 3, MasksAt = FileHeader + 40;

    /// <summary>Whether pixels are indices of a palette.</summary>
    public bool IsIndexed => Bits <= 8;

    /// <summary>Bytes of a row: whole groups of four.</summary>
    public long Stride => ((long)Shape.Width * Bits + 31) / 32 * 4;

    /// <summary>The first byte of a row, counted from the top.</summary>
    public long RowAt(int y) => PixelsAt + (IsBottomUp ? Shape.Height - 1 - y : y) * Stride;

    /// <param name="file">The file's beginning, the header at least.</param>
    /// <exception cref="ImageException">The header is cut short, contradicts itself, or is of a kind that is not read.</exception>
    public static BmpHeader Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 30)
            throw ImageException.Truncated(name, "the BMP ends within its header");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[FileHeader..]);
        if (size is not (CoreHeader or 40 or 52 or 56 or 108 or LargestHeader))
            throw ImageException.Unsupported(name, $"a BMP with a header of {size} bytes");
        if (file.Length < FileHeader + size)
            throw ImageException.Truncated(name, "the BMP ends within its header");
        var isCore = size == CoreHeader;
        var width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        // A negative height says that the first row stored is the topmost.
        long height = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..]) : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        var planes = BinaryPrimitives.ReadUInt16LittleEndian(file[(isCore ? 22 : 26)..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(isCore ? 24 : 28)..]);
        var compression = isCore ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        // Fields of bits that lie as in a file without them: blue, green, red, and alpha or nothing.
        var isPlain = compression == 0 || (compression == BitFields && bits == 32 && HasMasks(file));
        if (!isPlain || bits is not (1 or 4 or 8 or 24 or 32))
            throw ImageException.Unsupported(name, $"a BMP of {bits} bits with compression {compression}");
        if (width <= 0 || Math.Abs(height) is 0 or > int.MaxValue || planes != 1)
            throw ImageException.Damaged(name, $"the BMP header declares {width}x{Math.Abs(height)} in {planes} planes");
        var shape = new ImageShape(width, (int)Math.Abs(height), 3, PixelType.UInt8);
        var pixels = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var header = new BmpHeader(shape, bits, height > 0, pixels, FileHeader + (int)size, isCore ? 3 : 4,
            bits == 32 && size >= Version4 && BinaryPrimitives.ReadUInt32LittleEndian(file[(MasksAt + 12)..]) == 0xFF00_0000);
        if (pixels < header.PaletteAt + (header.IsIndexed ? header.ColorBytes : 0))
        {
            var what = header.IsIndexed ? "the header or its palette's first colour" : "the header";
            throw ImageException.Damaged(name, $"the BMP's pixels begin at byte {pixels:N0}, inside {what}");
        }
        return header;
    }

    private static bool HasMasks(ReadOnlySpan<byte> file) => file.Length >= MasksAt + 12
        && BinaryPrimitives.ReadUInt32LittleEndian(file[MasksAt..]) == 0xFF_0000
        && BinaryPrimitives.ReadUInt32LittleEndian(file[(MasksAt + 4)..]) == 0xFF00
        && BinaryPrimitives.ReadUInt32LittleEndian(file[(MasksAt + 8)..]) == 0xFF;

    /// <summary>Refuses a file that ends before its last row.</summary>
    /// <param name="length">Of the whole file.</param>
    public void CheckLength(long length, string name)
    {
        var end = (Int128)PixelsAt + (Int128)Stride * Shape.Height;
        if (end > length)
            throw ImageException.Truncated(name, $"the BMP's pixels end at byte {end:N0}, the file at {length:N0}");
    }
}
