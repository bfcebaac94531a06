using ChangeDetection.Datasets.Packing;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class MaskLevelsTests
{
    [Theory]
    [InlineData(new byte[] { 0, 0, 255 }, 1, 0)]
    [InlineData(new byte[] { 0, 1, 0, 1 }, 2, 0)]
    [InlineData(new byte[] { 1, 2, 1 }, 1, 0)]
    [InlineData(new byte[] { 2, 2 }, 2, 0)]
    [InlineData(new byte[] { 0, 1, 2, 3 }, 3, 0)]
    [InlineData(new byte[] { 0, 0 }, 0, 0)]
    [InlineData(new byte[] { 255, 255 }, 2, 0)]
    [InlineData(new byte[] { 0, 213, 255 }, 2, 1)]
    [InlineData(new byte[] { 0, 13, 127, 128, 254, 255 }, 3, 4)]
    [InlineData(new byte[] { 0, 64, 100, 200 }, 1, 2)]
    public void Of_AMask_KnowsWhatIsChange(byte[] mask, int changed, int stray)
    {
        var levels = MaskLevels.Of(MaskHistogram.Of(mask));
        Assert.Equal(stray, levels.Stray);
        Assert.Equal(changed, MaskLevels.Apply(levels.Threshold!.Value, mask));
        Assert.Equal(changed, mask.Count(value => value == 255));
        Assert.Equal(mask.Length - changed, mask.Count(value => value == 0));
    }

    [Fact]
    public void Of_NothingButOnes_CannotTell() => Assert.Equal(new MaskLevels(null, 0, MaskKind.OnlyOne), MaskLevels.Of(MaskHistogram.Of([1, 1])));
}
