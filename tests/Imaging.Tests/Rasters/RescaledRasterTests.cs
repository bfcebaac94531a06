using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Rasters;

public sealed class RescaledRasterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadRows_Of16Bits_AreTheNearestValuesOf8_UpToTheirEnd()
    {
        using var scene = Open([0, 1, 2, 10, 5099, 5100, 60000, 777], PixelType.UInt16);
        using var rescaled = new RescaledRaster(scene, value => value / 20, PixelType.UInt8);
        var (rows, validity) = (new byte[8], new byte[8]);

        rescaled.ReadRows(0, 2, rows, validity);

        Assert.Equal(new ImageShape(4, 2, 1, PixelType.UInt8), rescaled.Shape);
        Assert.Equal([0, 0, 0, 1, 255, 255, 255, 39], rows);
        // The file's value for no pixel is one of its own values, and none of the mapped ones.
        Assert.Null(rescaled.NoData);
        Assert.Equal([255, 255, 255, 255, 255, 255, 255, 0], validity);
    }

    [Theory, InlineData(PixelType.UInt8), InlineData(PixelType.UInt16), InlineData(PixelType.Float32)]
    public void ReadRows_OfAnyTypeToFloats_AreMappedAsTheyAre(PixelType type)
    {
        float[] values = [0, 1, 2, 3, 4, 5, 6, 255];
        using var scene = Open(values, type);
        using var rescaled = new RescaledRaster(scene, value => value / 4 - 1, PixelType.Float32);
        var rows = new byte[8 * sizeof(float)];

        rescaled.ReadRows(0, 2, rows);

        Assert.Equal(values.Select(value => value / 4 - 1), MemoryMarshal.Cast<byte, float>(rows).ToArray());
    }

    private IRasterReader Open(float[] values, PixelType type)
    {
        var shape = new ImageShape(4, 2, 1, type);
        byte[] pixels = type switch
        {
            PixelType.UInt8 => [.. values.Select(value => (byte)value)],
            PixelType.UInt16 => MemoryMarshal.AsBytes<ushort>(values.Select(value => (ushort)value).ToArray()).ToArray(),
            _ => MemoryMarshal.AsBytes<float>(values).ToArray(),
        };
        SceneFiles.Write(_folder["scene.tif"], new PixelImage(shape, pixels), noData: "777");
        return RasterFile.Open(_folder["scene.tif"], "scene.tif", NoDataRule.Default);
    }
}
