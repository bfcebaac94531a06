using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tiff;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Rasters;

public sealed class GeoTiffRasterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    private static readonly Dictionary<string, TiffKind> s_kinds = new TiffKind[]
    {
        new("grey", 8, 1), new("rgb", 8, 3, Photometric: 2), new("rgb, big-endian", 16, 3, Photometric: 2, BigEndian: true),
        new("thirteen bands", 16, 13), new("thirteen planes in tiles", 16, 13, Planar: true, Tiled: true), new("planes in strips", 16, 4, Planar: true),
        new("float", 32, 2, Format: 3), new("float, big-endian", 32, 2, Format: 3, BigEndian: true, Tiled: true), new("signed", 16, 2, Format: 2),
        new("alpha", 8, 4, Photometric: 2, Extra: 2), new("near infrared", 8, 4, Photometric: 2, Extra: 0),
    }.ToDictionary(kind => kind.Name);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ReadRows_OfEachKind_GivesWhatTheDecoderOfWholeImagesGives(string name)
    {
        var file = s_kinds[name].Write();
        var whole = ImageCodec.Decode(file, name);
        using var scene = Open(file);

        Assert.Equal(whole.Shape, scene.Shape);
        AssertRows(whole, scene);
    }

    [Theory]
    [InlineData(Compression.NONE, true)]
    [InlineData(Compression.LZW, true)]
    [InlineData(Compression.LZW, false)]
    [InlineData(Compression.ADOBE_DEFLATE, true)]
    [InlineData(Compression.ADOBE_DEFLATE, false)]
    [InlineData(Compression.PACKBITS, false)]
    public void ReadRows_Compressed_GivesTheValues(Compression compression, bool tiled)
    {
        var image = Invented(new ImageShape(75, 53, 3, PixelType.UInt16));
        var path = _folder["compressed.tif"];
        WriteByLibTiff(path, image, compression, tiled);
        using var scene = RasterFile.Open(path);

        AssertRows(image, scene);
    }

    [Theory]
    [InlineData(PixelType.UInt8, 700, 40)]
    [InlineData(PixelType.Float32, 1100, 530)]
    public void WriteRows_ReadBack_AreTheSame_AlsoForOtherReaders(PixelType type, int width, int height)
    {
        var image = Invented(new ImageShape(width, height, 1, type));
        var path = _folder["written.tif"];
        using (var stream = File.Create(path))
        {
            var writer = new GeoTiffWriter(stream, width, height, type, SceneFiles.Utm33, "255");
            writer.WriteRows(image.Bytes);
            writer.Finish();
        }

        using var scene = RasterFile.Open(path);
        AssertRows(image, scene);
        Assert.Equal(255, scene.NoData);
        Assert.Equal(SceneFiles.Utm33.Transform, scene.Georeference!.Transform);
        Assert.Equal(32633, scene.Georeference.Epsg);
        Assert.True(image.Bytes.SequenceEqual(ImageCodec.Decode(File.ReadAllBytes(path), path).Bytes));
    }

    [Fact]
    public void Reduced_OfFloats_IsTheMeanOfThoseThatAreKnown()
    {
        var (width, height) = (1025, 3);
        using var stream = new MemoryStream();
        var writer = new GeoTiffWriter(stream, width, height, PixelType.Float32, null, "nan");
        var row = Enumerable.Range(0, width).Select(x => x == 3 ? float.NaN : x).ToArray();
        for (var y = 0; y < height; y++)
            writer.WriteRows(MemoryMarshal.AsBytes(row.AsSpan()));
        writer.Finish();
        var path = _folder["reduced.tif"];
        File.WriteAllBytes(path, stream.ToArray());

        using var tiff = BitMiracle.LibTiff.Classic.Tiff.Open(path, "r");
        Assert.True(tiff.SetDirectory(1));
        Assert.Equal(
            (513, 2),
            (tiff.GetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGEWIDTH)[
                0].ToInt(), tiff.GetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGELENGTH)[0].ToInt()));
        var tile = new byte[GeoTiffWriter.Tile * GeoTiffWriter.Tile * 4];
        Assert.Equal(tile.Length, tiff.ReadEncodedTile(0, tile, 0, tile.Length));
        Assert.Equal([0.5f, 2, 4.5f], Enumerable.Range(0, 3).Select(x => BitConverter.ToSingle(tile, 4 * x)));
        Assert.Equal(3, tiff.NumberOfDirectories());
    }

    [Fact]
    public void Open_BigTiff_IsRead()
    {
        // 4 GiB of zeros that are not there: a file with a hole.
        var path = _folder["big.tif"];
        var shape = new ImageShape(65536, 60000, 1, PixelType.UInt8);
        using (var file = File.Create(path))
        {
            file.Write([(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            var at = 1L << 32;
            file.Position = at + shape.Bytes;
            var directory = new TiffDirectoryWriter(isBig: true);
            directory.Long(256, (uint)shape.Width);
            directory.Long(257, (uint)shape.Height);
            directory.Short(258, 8);
            directory.Places(273, [at]);
            directory.Long(278, (uint)shape.Height);
            directory.Places(279, [shape.Bytes]);
            var (place, _) = directory.Write(file);
            file.Position = at + 5L * shape.Width + 7;
            file.WriteByte(42);
            file.Position = 8;
            file.Write(BitConverter.GetBytes(place));
        }

        using var scene = RasterFile.Open(path);
        var rows = new byte[2 * shape.Width];
        scene.ReadRows(5, 2, rows);

        Assert.Equal(shape, scene.Shape);
        Assert.Equal(42, rows[7]);
    }

    [Fact]
    public void Open_PngAndBmp_AreReadDownwards()
    {
        var image = Invented(new ImageShape(67, 45, 3, PixelType.UInt8));
        File.WriteAllBytes(_folder["a.png"], PngEncoder.Encode(image));
        using (var png = RasterFile.Open(_folder["a.png"]))
            AssertRows(image, png);

        var bmp = new byte[54 + 204 * 45];
        "BM"u8.CopyTo(bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 67);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 45);
        bmp[26] = 1;
        bmp[28] = 24;
        for (var y = 0; y < 45; y++)
        {
            for (var x = 0; x < 67 * 3; x++)
                bmp[54 + (44 - y) * 204 + x / 3 * 3 + 2 - x % 3] = image.Pixels[y * 201 + x];
        }
        File.WriteAllBytes(_folder["a.bmp"], bmp);
        using var scene = RasterFile.Open(_folder["a.bmp"]);
        AssertRows(image, scene);
    }

    private IRasterReader Open(byte[] file)
    {
        File.WriteAllBytes(_folder["scene"], file);
        return RasterFile.Open(_folder["scene"]);
    }

    /// <summary>In pieces that fit no block, going down.</summary>
    private static void AssertRows(PixelImage expected, IRasterReader scene)
    {
        var rowBytes = (int)(expected.Shape.Bytes / expected.Shape.Height);
        for (var first = 0; first < expected.Shape.Height; first += 5)
        {
            var count = Math.Min(5, expected.Shape.Height - first);
            var rows = new byte[count * rowBytes];
            scene.ReadRows(first, count, rows);
            Assert.True(rows.AsSpan().SequenceEqual(expected.Bytes.Slice(first * rowBytes, rows.Length)), $"rows from {first} on");
        }
    }

    private static PixelImage Invented(ImageShape shape)
    {
        var pixels = new byte[shape.Bytes];
        new Random(7).NextBytes(pixels);
        if (shape.Type == PixelType.Float32)
            MemoryMarshal.Cast<byte, float>(pixels.AsSpan()).Fill(0.25f);
        return new PixelImage(shape, pixels);
    }

    private static void WriteByLibTiff(string path, PixelImage image, Compression compression, bool tiled)
    {
        using var tiff = BitMiracle.LibTiff.Classic.Tiff.Open(path, "w");
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGEWIDTH, image.Shape.Width);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.IMAGELENGTH, image.Shape.Height);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.BITSPERSAMPLE, 16);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.SAMPLESPERPIXEL, 3);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.PHOTOMETRIC, Photometric.RGB);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.COMPRESSION, compression);
        if (compression is Compression.LZW or Compression.ADOBE_DEFLATE)
            tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.PREDICTOR, Predictor.HORIZONTAL);
        var rowBytes = image.Shape.Width * 6;
        if (!tiled)
        {
            tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.ROWSPERSTRIP, 16);
            for (var strip = 0; strip * 16 < image.Shape.Height; strip++)
            {
                var rows = image.Bytes.Slice(strip * 16 * rowBytes, Math.Min(16, image.Shape.Height - strip * 16) * rowBytes).ToArray();
                tiff.WriteEncodedStrip(strip, rows, rows.Length);
            }
            return;
        }
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.TILEWIDTH, 32);
        tiff.SetField(BitMiracle.LibTiff.Classic.TiffTag.TILELENGTH, 32);
        for (var number = 0; number < 3 * 2; number++)
        {
            var (top, left, tile) = (number / 3 * 32, number % 3 * 32, new byte[32 * 32 * 6]);
            for (var y = top; y < Math.Min(top + 32, image.Shape.Height); y++)
                image.Bytes.Slice(y * rowBytes + left * 6, Math.Min(32, image.Shape.Width - left) * 6).CopyTo(tile.AsSpan((y - top) * 32 * 6));
            tiff.WriteEncodedTile(number, tile, tile.Length);
        }
    }
}
