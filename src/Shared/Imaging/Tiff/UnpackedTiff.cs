using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Rewrites a TIFF, in memory, as one of strips that are not compressed, for a decoder that lacks the codec, or that takes a damaged tile for zeros:
/// palettes, single bits, alpha and planes are then its matter, by the same rules as in any other file. Blocks that the file leaves out get
/// GDAL_NODATA, or 0, as they do in GDAL.
/// </summary>
internal static class UnpackedTiff
{
    /// <summary>What a strip of the new file may take, or one row.</summary>
    private const int StripBytes = 1 << 20;

    /// <param name="grid">Its size was held against the limits: the new file has about as many bytes as the image, decoded.</param>
    /// <param name="decoder">Of its blocks.</param>
    /// <exception cref="ImageException">A block is damaged, or the directory contradicts itself.</exception>
    public static ReadOnlyMemory<byte> Of(TiffDirectory directory, TiffGrid grid, ITiffBlockDecoder decoder, string name)
    {
        var format = grid.Pixels;
        var extra = directory.Numbers(TiffTag.ExtraSamples, format.Samples);
        var colors = directory.Numbers(TiffTag.ColorMap, 3L << Math.Min(format.Bits, 16));
        var plane = grid.RowBytes(format.Width) * format.Height;
        var planes = format.IsPlanar ? format.Samples : 1;
        var rows = (int)Math.Clamp(StripBytes / grid.RowBytes(format.Width), 1, format.Height);
        var strips = (format.Height + rows - 1) / rows * planes;
        var length = 8 + plane * planes + 4096 + 8L * (strips + format.Samples) + 2L * colors.Length;
        if (length > Array.MaxLength)
            throw new ImageException(name, ImageFault.TooLarge, $"too large: {length:N0} bytes when unpacked", TiffCodec.Rewrite);

        var bytes = new byte[length];
        // As the file stores it: libvips turns white-is-zero round afterwards.
        var missing = GdalNoData.Read(directory, grid.Pixels with { Photometric = TiffFormat.BlackIsZero }).Value ?? 0;
        Unpack(grid, decoder, missing, bytes.AsSpan(8, (int)(plane * planes)));
        using var stream = new MemoryStream(bytes);
        stream.Write([(byte)'I', (byte)'I', 42, 0]);
        stream.Position = 8 + plane * planes;
        var (place, _) = Directory(grid, rows, planes, extra, colors).Write(stream);
        new TiffLayout(IsLittleEndian: true, IsBig: false).Write(bytes.AsSpan(4), (ulong)place, 4);
        return bytes.AsMemory(0, (int)stream.Position);
    }

    private static void Unpack(TiffGrid grid, ITiffBlockDecoder decoder, double missing, Span<byte> pixels)
    {
        var samples = new TiffSamples(grid, isBigEndian: false);
        var (stride, rowBytes) = ((int)grid.BlockBytes(1), (int)grid.RowBytes(grid.Pixels.Width));
        var block = GC.AllocateUninitializedArray<byte>((int)grid.BlockBytes(grid.BlockHeight));
        for (var index = 0; index < grid.Offsets.Length; index++)
        {
            var (across, down) = (index % grid.Across, index / grid.Across % grid.Down);
            var (left, top) = (across * grid.BlockWidth, down * grid.BlockHeight);
            var whole = block.AsSpan(0, stride * grid.BlockRows(top));
            if (grid.Offsets[index] == 0)
                samples.Fill(whole, missing);
            else
                decoder.Decode(index, block, whole.Length);
            var width = (int)grid.RowBytes(Math.Min(grid.BlockWidth, grid.Pixels.Width - left));
            var first = index / (grid.Across * grid.Down) * grid.Pixels.Height + top;
            for (var y = 0; y < Math.Min(grid.BlockHeight, grid.Pixels.Height - top); y++)
                // A block begins at a whole byte: tiles are multiples of 16 pixels wide.
                whole.Slice(y * stride, width).CopyTo(pixels[((first + y) * rowBytes + (int)grid.RowBytes(left))..]);
        }
    }

    private static TiffDirectoryWriter Directory(TiffGrid grid, int rows, int planes, long[] extra, long[] colors)
    {
        var format = grid.Pixels;
        var (offsets, lengths, at) = (new List<long>(), new List<long>(), 8L);
        for (var plane = 0; plane < planes; plane++)
        {
            for (var top = 0; top < format.Height; top += rows)
            {
                offsets.Add(at);
                lengths.Add(grid.RowBytes(format.Width) * Math.Min(rows, format.Height - top));
                at += lengths[^1];
            }
        }
        var directory = new TiffDirectoryWriter(isBig: false);
        directory.Long(TiffTag.ImageWidth, (uint)format.Width);
        directory.Long(TiffTag.ImageLength, (uint)format.Height);
        directory.Short(TiffTag.BitsPerSample, [.. Enumerable.Repeat((ushort)format.Bits, format.Samples)]);
        directory.Short(TiffTag.Compression, TiffCodec.None);
        directory.Short(TiffTag.Photometric, (ushort)format.Photometric);
        directory.Places(TiffTag.StripOffsets, offsets);
        directory.Short(TiffTag.SamplesPerPixel, (ushort)format.Samples);
        directory.Long(TiffTag.RowsPerStrip, (uint)rows);
        directory.Places(TiffTag.StripByteCounts, lengths);
        directory.Short(TiffTag.PlanarConfiguration, (ushort)(format.IsPlanar ? 2 : 1));
        directory.Short(TiffTag.SampleFormat, [.. Enumerable.Repeat((ushort)format.Format, format.Samples)]);
        if (extra.Length > 0)
            directory.Short(TiffTag.ExtraSamples, [.. extra.Select(value => (ushort)value)]);
        if (colors.Length > 0)
            directory.Short(TiffTag.ColorMap, [.. colors.Select(value => (ushort)value)]);
        return directory;
    }
}
