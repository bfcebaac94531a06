using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tiff;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>P9: what a header claims costs nothing, and is refused by name.</summary>
public sealed class HostileSceneTests : IDisposable
{
    private const long Bearable = 16 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Absurdities => new()
    {
        { "width", "header declares" },
        { "rows", "too large" },
        { "strips", "StripOffsets" },
        { "few strips", "need 4" },
        { "block outside", "block 0 ends at byte" },
        { "table outside", "claims" },
        { "scale", "ModelPixelScale is -10" },
        { "infinite", "not finite" },
        { "keys", "GeoKeyDirectory claims more keys" },
        { "circle", "form a circle" },
        { "tile", "one tile of the TIFF" },
        { "no data", "GDAL_NODATA" },
        { "bits", "differs from band to band" },
        { "compression", "compression 34712" },
        { "palette", "photometric interpretation 3" },
    };

    [Theory]
    [MemberData(nameof(Absurdities))]
    public void Open_AbsurdTag_IsRefusedByName_InBoundedMemory(string what, string told)
    {
        var path = _folder["absurd.tif"];
        Write(path, what);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<ImageException>(() => RasterFile.Open(path).Dispose());

        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Bearable);
    }

    [Fact]
    public void Open_EveryPrefixOfAFile_IsReadOrRefused()
    {
        var whole = _folder["whole.tif"];
        Write(whole, "nothing");
        var bytes = File.ReadAllBytes(whole);
        for (var length = 0; length < bytes.Length; length++)
        {
            var path = _folder["cut.tif"];
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<ImageException>(() => RasterFile.Open(path).Dispose());
        }
    }

    [Fact]
    public void ReadRows_DamagedTile_IsRefused_NotInvented()
    {
        var path = _folder["damaged.tif"];
        using (var file = File.Create(path))
        {
            var writer = new GeoTiffWriter(file, 300, 20, PixelType.UInt8, null, "255");
            var rows = new byte[300 * 20];
            new Random(1).NextBytes(rows);
            writer.WriteRows(rows);
            writer.Finish();
        }
        using (var file = File.Open(path, FileMode.Open))
        {
            file.Position = 60;
            file.Write(new byte[200]);
        }
        using var scene = RasterFile.Open(path);

        var error = Assert.Throws<ImageException>(() => scene.ReadRows(0, 20, new byte[300 * 20]));

        Assert.Equal(ImageFault.Damaged, error.Fault);
        Assert.Contains("tile 0", error.Message, StringComparison.Ordinal);
    }

    private static void Write(string path, string what)
    {
        using var file = File.Create(path);
        file.Write([(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
        file.Write(new byte[32 * 32]);
        var directory = new TiffDirectoryWriter(isBig: false);
        directory.Long(256, what switch { "width" => 1u << 31, "rows" => 1u << 21, _ => 32 });
        directory.Long(257, 32);
        if (what == "bits")
            directory.Short(258, 8, 16);
        else
            directory.Short(258, 8);
        directory.Short(259, (ushort)(what == "compression" ? 34712 : what == "tile" ? 8 : 1));
        directory.Short(262, (ushort)(what == "palette" ? 3 : 1));
        var strips = what switch { "strips" => 5000, "few strips" => 3, _ => 4 };
        directory.Places(273, [.. Enumerable.Range(0, strips).Select(strip => what == "block outside" ? 1L << 30 : 8 + strip * 256L)]);
        directory.Long(278, 8);
        directory.Places(279, [.. Enumerable.Repeat(256L, strips)]);
        if (what == "tile")
        {
            directory.Long(322, 1 << 20);
            directory.Long(323, 1 << 20);
        }
        directory.Doubles(33550, what switch { "scale" => [-10, 10, 0], "infinite" => [double.PositiveInfinity, 10, 0], _ => [] });
        if (what == "keys")
            directory.Short(34735, 1, 1, 0, 9, 1024, 0, 1, 1);
        directory.Ascii(42113, what == "no data" ? "a few" : "");
        var (place, next) = directory.Write(file);
        file.Position = 4;
        file.Write(BitConverter.GetBytes((uint)place));
        if (what == "circle")
        {
            file.Position = next;
            file.Write(BitConverter.GetBytes((uint)place));
        }
        if (what == "table outside")
        {
            // The count of the first entry's values.
            file.Position = place + 2 + 4;
            file.Write(BitConverter.GetBytes(uint.MaxValue));
        }
    }
}
