using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Imaging.Tests.Codecs;

/// <summary>A block that cannot be decoded is an error, whole and by rows, in tiles and in strips: never zeros.</summary>
public sealed class TiffDamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, bool, string> Damages()
    {
        var data = new TheoryData<string, bool, string>();
        foreach (var codec in (string[])["none", "lzw", "deflate", "packbits", "jpeg", "webp,lossless", "zstd"])
        {
            foreach (var damage in (string[])["cut", "zeros", "outside"])
            {
                // Of values that are not compressed, zeros are values; and strips of them are read as they lie, whatever their length.
                if ((codec, damage) is not ("none", "zeros"))
                    data.Add(codec, true, damage);
                if ((codec, damage) is not ("none", "zeros" or "cut"))
                    data.Add(codec, false, damage);
            }
        }
        return data;
    }

    [Theory, MemberData(nameof(Damages))]
    public void Decode_ADamagedBlock_IsRefused(string codec, bool tiled, string damage)
    {
        var file = Write(codec, tiled);
        var (_, offsets, lengths) = TiffBlockEdit.Blocks(file);
        var block = offsets.Length - 1;
        if (damage == "cut")
            TiffBlockEdit.Place(file, block, offsets[block], lengths[block] / 3);
        else if (damage == "zeros")
            file.AsSpan((int)offsets[block], (int)lengths[block]).Clear();
        else
            TiffBlockEdit.Place(file, block, int.MaxValue - 9, lengths[block]);

        Assert.StartsWith("a.tif", Assert.Throws<ImageException>(() => ByRows(file)).Message, StringComparison.Ordinal);
        Assert.StartsWith("a.tif", Assert.Throws<ImageException>(() => ImageCodec.Decode(file, "a.tif")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ABlockOfMoreThanTheDirectorySays_IsRefused()
    {
        var plain = new TiffKind("long", 8, 1, Tiled: true).Write();
        var file = TiffBlockEdit.WithZstd(plain);
        using var compressor = new ZstdSharp.Compressor();
        var bomb = compressor.Wrap(new byte[64 << 20]).ToArray();
        byte[] longer = [.. file, .. bomb];
        TiffBlockEdit.Place(longer, 0, file.Length, bomb.Length);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<ImageException>(() => ImageCodec.Decode(longer, "a.tif"));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains("tile 0 of the TIFF cannot be decoded", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ImageException>(() => ByRows(longer));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Decode_MutatedZstd_GivesAnImageOrATypedError(bool tiled)
    {
        var sample = Write("zstd", tiled);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var file = (byte[])sample.Clone();
            for (var n = random.Next(1, 5); n > 0; n--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                ImageCodec.Decode(file, "a.tif", new ImageLimits(MaxBytes: 1 << 22));
            }
            catch (ImageException e)
            {
                Assert.StartsWith("a.tif", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static byte[] Write(string codec, bool tiled)
    {
        var file = TestImages.Save(
            TestImages.Photograph(70, 50, 3), $".tif[{(tiled ? "tile,tile-width=16,tile-height=16," : "")}compression={(codec == "zstd" ? "none" : codec)}]");
        return codec == "zstd" ? TiffBlockEdit.WithZstd(file) : file;
    }

    private void ByRows(byte[] file)
    {
        File.WriteAllBytes(_folder["a.tif"], file);
        using var raster = RasterFile.Open(_folder["a.tif"], "a.tif");
        raster.ReadRows(0, raster.Shape.Height, new byte[raster.Shape.Bytes]);
    }
}
