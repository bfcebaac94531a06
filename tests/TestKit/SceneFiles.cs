using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.TestKit;

/// <summary>Writes scenes of any number of bands as plain GeoTIFFs, row by row, however large.</summary>
public static class SceneFiles
{
    private const int RowsPerStrip = 64;

    /// <summary>A made-up place in UTM zone 33 north, 10 m a pixel.</summary>
    public static Georeference Utm33 { get; } = new()
    {
        PixelScale = [10, 10, 0],
        Tiepoints = [0, 0, 0, 399960, 5300040, 0],
        Keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633],
    };

    public delegate void RowFill(int y, Span<byte> row);

    public static void Write(string path, PixelImage image, Georeference? georeference = null, string noData = "")
    {
        var rowBytes = (int)(image.Shape.Bytes / image.Shape.Height);
        Write(path, image.Shape, (y, row) => image.Bytes.Slice(y * rowBytes, rowBytes).CopyTo(row), georeference, noData);
    }

    /// <param name="fill">Gets each row in order.</param>
    public static void Write(string path, ImageShape shape, RowFill fill, Georeference? georeference = null, string noData = "")
    {
        var isBig = shape.Bytes > 3_000_000_000;
        using var file = File.Create(path);
        byte[] head = isBig ? [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0];
        file.Write(head);
        var (offsets, lengths) = (new List<long>(), new List<long>());
        var row = new byte[shape.Bytes / shape.Height];
        for (var y = 0; y < shape.Height; y++)
        {
            if (y % RowsPerStrip == 0)
            {
                offsets.Add(file.Position);
                lengths.Add(0);
            }
            fill(y, row);
            file.Write(row);
            lengths[^1] += row.Length;
        }
        var (place, _) = Directory(isBig, shape, offsets, lengths, georeference, noData).Write(file);
        file.Position = isBig ? 8 : 4;
        file.Write(isBig ? BitConverter.GetBytes(place) : BitConverter.GetBytes((uint)place));
    }

    private static TiffDirectoryWriter Directory(
        bool isBig, ImageShape shape, List<long> offsets, List<long> lengths, Georeference? georeference, string noData)
    {
        var directory = new TiffDirectoryWriter(isBig);
        directory.Long(TiffTag.ImageWidth, (uint)shape.Width);
        directory.Long(TiffTag.ImageLength, (uint)shape.Height);
        directory.Short(TiffTag.BitsPerSample, [.. Enumerable.Repeat((ushort)(8 * shape.BytesPerValue), shape.Channels)]);
        directory.Short(TiffTag.Compression, 1);
        directory.Short(TiffTag.Photometric, (ushort)(shape.Channels == 3 ? 2 : 1));
        directory.Places(TiffTag.StripOffsets, offsets);
        directory.Short(TiffTag.SamplesPerPixel, (ushort)shape.Channels);
        directory.Long(TiffTag.RowsPerStrip, RowsPerStrip);
        directory.Places(TiffTag.StripByteCounts, lengths);
        directory.Short(TiffTag.PlanarConfiguration, 1);
        if (shape.Channels is 2 or > 3)
            directory.Short(TiffTag.ExtraSamples, new ushort[shape.Channels - 1]);
        directory.Short(TiffTag.SampleFormat, [.. Enumerable.Repeat((ushort)(shape.Type == PixelType.Float32 ? 3 : 1), shape.Channels)]);
        directory.Ascii(TiffTag.GdalNoData, noData);
        if (georeference is not null)
        {
            directory.Doubles(TiffTag.ModelPixelScale, georeference.PixelScale);
            directory.Doubles(TiffTag.ModelTiepoint, georeference.Tiepoints);
            directory.Doubles(TiffTag.ModelTransformation, georeference.Transformation);
            directory.Short(TiffTag.GeoKeyDirectory, [.. georeference.Keys]);
        }
        return directory;
    }
}
