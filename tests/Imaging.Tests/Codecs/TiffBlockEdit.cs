using ChangeDetection.Imaging.Tiff;
using ZstdSharp;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>Changes a TIFF's blocks, and what its directory says of them.</summary>
internal static class TiffBlockEdit
{
    /// <summary>The same TIFF, not compressed so far, with every block compressed by Zstandard.</summary>
    public static byte[] WithZstd(byte[] plain)
    {
        var (_, offsets, lengths) = Blocks(plain);
        using var compressor = new Compressor();
        var file = plain.ToList();
        var packed = offsets.Zip(lengths, (at, bytes) => compressor.Wrap(plain.AsSpan((int)at, (int)bytes)).ToArray()).ToList();
        var places = packed.Select(block => { var at = file.Count; file.AddRange(block); return at; }).ToList();
        var result = file.ToArray();
        Set(result, TiffTag.Compression, 0, TiffCodec.Zstd);
        for (var block = 0; block < packed.Count; block++)
            Place(result, block, places[block], packed[block].Length);
        return result;
    }

    /// <summary>Where the blocks are, and how long.</summary>
    public static (bool IsTiled, long[] Offsets, long[] Lengths) Blocks(byte[] file)
    {
        var directory = TiffDirectory.First(file, "edited");
        var tiled = directory.Has(TiffTag.TileWidth);
        return (tiled, directory.Numbers(tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets, 1 << 20),
            directory.Numbers(tiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, 1 << 20));
    }

    /// <summary>Makes the directory say that a block lies elsewhere.</summary>
    public static void Place(byte[] file, int block, long at, long bytes)
    {
        var tiled = Blocks(file).IsTiled;
        Set(file, tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets, block, at);
        Set(file, tiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, block, bytes);
    }

    private static void Set(byte[] file, int tag, int index, long value)
    {
        var directory = TiffDirectory.First(file, "edited");
        for (var i = 0; i < directory.Count; i++)
        {
            if (directory.Entry(i) is var entry && entry.Tag == tag)
                directory.Layout.Write(file.AsSpan((int)entry.Place + index * entry.ValueBytes), (ulong)value, entry.ValueBytes);
        }
    }
}
