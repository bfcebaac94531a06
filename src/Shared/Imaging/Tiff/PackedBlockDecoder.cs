using System.IO.Compression;
using ChangeDetection.Imaging.Pixels;
using ZstdSharp;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Unpacks tiles and strips that are not compressed, or by LZW, PackBits, Deflate (RFC 1950) or Zstandard (RFC 8878; compression 50000 of libtiff, which
/// neither LibTiff nor our libvips reads). LibTiff takes what is left of an earlier block for the end of an LZW block that is cut short.
/// </summary>
internal sealed class PackedBlockDecoder : ITiffBlockDecoder
{
    private readonly TiffBytes _file;
    private readonly TiffGrid _grid;
    private readonly TiffPredictor _predictor;
    private readonly Decompressor? _zstd;
    private readonly TiffLzw? _lzw;

    /// <exception cref="ImageException">The values are of a kind that is not read in this compression.</exception>
    public PackedBlockDecoder(TiffBytes file, TiffGrid grid, TiffLayout layout)
    {
        (_file, _grid) = (file, grid);
        _predictor = new TiffPredictor(grid, !layout.IsLittleEndian, file.Name);
        _zstd = grid.Pixels.Compression == TiffCodec.Zstd ? new Decompressor() : null;
        _lzw = grid.Pixels.Compression == TiffCodec.Lzw ? new TiffLzw() : null;
    }

    /// <summary>Whether this compression is read here.</summary>
    public static bool Reads(int compression) =>
        compression is TiffCodec.None or TiffCodec.Lzw or TiffCodec.PackBits or TiffCodec.Deflate or TiffCodec.OldDeflate or TiffCodec.Zstd;

    public void Decode(int index, byte[] target, int bytes)
    {
        var packed = _file.Slice(_grid.Offsets[index], (int)_grid.Lengths[index]);
        var block = target.AsSpan(0, bytes);
        if (_grid.FillOrder == 2)
            packed = Mirrored(packed);
        try
        {
            if (_zstd is not null)
                Unwrap(_zstd, packed.Span, index, block);
            else if (_lzw is not null)
                _lzw.Decode(packed.Span, block);
            else if (_grid.Pixels.Compression == TiffCodec.PackBits)
                PackBits.Decode(packed.Span, block);
            else if (_grid.IsRaw)
                Copy(packed.Span, index, block);
            else
                Inflate(packed, index, block);
        }
        // Of a stream that asks for a preset dictionary the platform throws what it does not show, a kind of IOException: the bytes are in memory.
        catch (Exception exception) when (exception is ZstdException or InvalidDataException or IOException)
        {
            throw Damaged(index, exception.Message, exception);
        }
        _predictor.Undo(block);
    }

    public void Dispose() => _zstd?.Dispose();

    /// <summary>Into no more than the directory says: a few bytes may claim gigabytes.</summary>
    private void Unwrap(Decompressor zstd, ReadOnlySpan<byte> packed, int index, Span<byte> block)
    {
        if (zstd.Unwrap(packed, block) is var length && length != block.Length)
            throw Damaged(index, $"it comes to {length:N0} bytes of {block.Length:N0}");
    }

    private void Copy(ReadOnlySpan<byte> packed, int index, Span<byte> block)
    {
        if (packed.Length < block.Length)
            throw Damaged(index, $"it has {packed.Length:N0} bytes of {block.Length:N0}");
        packed[..block.Length].CopyTo(block);
    }

    private void Inflate(ReadOnlyMemory<byte> packed, int index, Span<byte> block)
    {
        using var stream = new ZLibStream(TiffBytes.Stream(packed), CompressionMode.Decompress);
        var length = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        if (length != block.Length)
            throw Damaged(index, $"it comes to {length:N0} bytes of {block.Length:N0}");
        // At the stream's end its checksum is compared. Some writers fill the last strip up with rows that the image does not have.
        _ = stream.ReadByte();
    }

    private static byte[] Mirrored(ReadOnlyMemory<byte> packed)
    {
        var bytes = packed.ToArray();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(((bytes[i] * 0x80200802UL) & 0x0884422110UL) * 0x0101010101UL >> 32);
        return bytes;
    }

    private ImageException Damaged(int index, string why, Exception? inner = null) =>
        ImageException.Damaged(_file.Name, $"{_grid.NameOf(index)} of the TIFF cannot be decoded ({why})", inner);
}
