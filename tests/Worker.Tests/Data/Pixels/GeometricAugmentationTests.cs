using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

public sealed class GeometricAugmentationTests
{
    private static readonly AugmentConfig s_everything = new() { Flip = true, Rotate90 = true, SwapDates = true };

    [Fact]
    public void Draw_AnyPosition_StaysInsideTheImageAndIsRepeatable()
        => Gen.Select(Gen.Long[0, Philox.MaxSeed], Gen.Int[0, 500], Gen.Int[0, int.MaxValue], Gen.Int[16, 300], Gen.Int[16, 300]).Sample(
            (seed, epoch, position, height, width) =>
            {
                var crop = Math.Min(height, width) - (int)(seed % 5 == 0 ? 0 : seed % 10);
                var drawn = GeometricAugmentation.Draw(seed, epoch, position, s_everything, crop, height, width);
                Assert.InRange(drawn.Top, 0, height - crop);
                Assert.InRange(drawn.Left, 0, width - crop);
                Assert.Equal(drawn, GeometricAugmentation.Draw(seed, epoch, position, s_everything, crop, height, width));
            }, iter: 1000, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Draw_ManyPositions_TakesEveryChoiceAboutEquallyOften()
    {
        var drawn = Enumerable.Range(0, 4000).Select(position => GeometricAugmentation.Draw(7, 3, position, s_everything, 16, 19, 19)).ToList();
        foreach (var count in drawn.CountBy(one => (one.Flip, one.QuarterTurns, one.SwapDates)))
            Assert.InRange(count.Value, 190, 310);
        foreach (var count in drawn.CountBy(one => (one.Top, one.Left)))
            Assert.InRange(count.Value, 190, 310);
        Assert.Equal(16, drawn.CountBy(one => (one.Top, one.Left)).Count());
    }

    [Fact]
    public void Draw_NothingAllowed_IsThePlainImage()
    {
        var off = new AugmentConfig { Flip = false, Rotate90 = false, SwapDates = false };
        Assert.All(Enumerable.Range(0, 50), position =>
            Assert.Equal(GeometricAugmentation.None(20, 30), GeometricAugmentation.Draw(7, 3, position, off, crop: null, 20, 30)));
    }

    [Fact]
    public void Draw_WholeImageThatIsNotSquare_IsNeverTurnedOnItsSide()
    {
        var turns = Enumerable.Range(0, 100).Select(position => GeometricAugmentation.Draw(7, 3, position, s_everything, crop: null, 20, 30).QuarterTurns);
        Assert.Equal([0, 2], turns.Distinct().Order());
    }

    [Fact]
    public void Draw_Misregistration_TakesEveryShiftAboutEquallyOftenAndChangesNothingElse()
    {
        var shifted = s_everything with { Misregister = 2 };
        var drawn = Enumerable.Range(0, 4000).Select(position => GeometricAugmentation.Draw(7, 3, position, shifted, 16, 19, 19)).ToList();
        foreach (var count in drawn.CountBy(one => (one.ShiftDown, one.ShiftRight)))
            Assert.InRange(count.Value, 110, 210);
        Assert.Equal(25, drawn.CountBy(one => (one.ShiftDown, one.ShiftRight)).Count());
        Assert.Equal(
            Enumerable.Range(0, 4000).Select(position => GeometricAugmentation.Draw(7, 3, position, s_everything, 16, 19, 19)),
            drawn.Select(one => one with { ShiftDown = 0, ShiftRight = 0 }));
    }

    [Fact]
    public void Draw_AnotherAttempt_IsAnotherCropAndNothingElse()
    {
        var attempts = Enumerable.Range(0, 100).Select(attempt => GeometricAugmentation.Draw(7, 3, 5, s_everything, 16, 300, 300, attempt)).ToList();
        Assert.Equal(GeometricAugmentation.Draw(7, 3, 5, s_everything, 16, 300, 300), attempts[0]);
        Assert.True(attempts.Distinct().Count() > 95);
        Assert.Single(attempts.Select(one => one with { Top = 0, Left = 0 }).Distinct());
    }

    [Fact]
    public void Draw_OneSampleAtTwoPositions_IsCroppedTwice()
        => Assert.NotEqual(
            GeometricAugmentation.Draw(7, 0, 10, s_everything, 16, 256, 256),
            GeometricAugmentation.Draw(7, 0, 11, s_everything, 16, 256, 256));
}
