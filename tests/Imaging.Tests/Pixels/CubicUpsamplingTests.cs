using ChangeDetection.Imaging.Pixels;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Pixels;

public sealed class CubicUpsamplingTests
{
    private static readonly Gen<(int Width, int Height, int Factor)> s_sizes = Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.OneOf(2, 3, 6));

    [Fact]
    public void Enlarge_AConstant_StaysOne() => Gen.Select(s_sizes, Gen.Int[0, 65_535]).Sample((size, value) =>
    {
        var plane = Enumerable.Repeat((float)value, size.Width * size.Height).ToArray();
        Assert.All(CubicUpsampling.Enlarge(plane, size.Width, size.Height, size.Factor), enlarged => Assert.Equal(value, enlarged, 0.01f));
    }, iter: 100, seed: "0N0XIzNsQ0O2");

    /// <summary>Keys's kernel reproduces polynomials up to the second degree, away from the border. Pixel centres keep their place.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Enlarge_AParabolaInBothDirections_StaysOneInside(int factor)
    {
        const int Side = 12;
        double Scene(double y, double x) => 3 + 2 * x - 0.5 * y + 0.25 * x * x + 0.125 * y * y - 0.0625 * x * y;
        var plane = Enumerable.Range(0, Side * Side).Select(at => (float)Scene(at / Side + 0.5, at % Side + 0.5)).ToArray();
        var enlarged = CubicUpsampling.Enlarge(plane, Side, Side, factor);
        var wide = Side * factor;
        for (var y = 2 * factor; y < wide - 2 * factor; y++)
        {
            for (var x = 2 * factor; x < wide - 2 * factor; x++)
                Assert.Equal(Scene((y + 0.5) / factor, (x + 0.5) / factor), enlarged[y * wide + x], 1e-4);
        }
    }

    [Fact]
    public void Enlarge_AnEdge_StaysWhereItIs()
    {
        // Two pixels of 0 and two of 100 become six of each half; the edge lies between the two middle ones.
        var enlarged = CubicUpsampling.Enlarge([0, 0, 100, 100], width: 4, height: 1, factor: 3);
        Assert.Equal(36, enlarged.Length);
        var line = enlarged[..12];
        Assert.All(Enumerable.Range(0, 12), x => Assert.Equal(100 - line[11 - x], line[x], 1e-4f));
        Assert.True(line[5] < 50 && line[6] > 50);
    }

    [Fact]
    public void Enlarge_ByOne_IsThePlaneItself()
    {
        float[] plane = [1, 2, 3, 4];
        Assert.Same(plane, CubicUpsampling.Enlarge(plane, 2, 2, 1));
    }
}
