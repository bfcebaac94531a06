using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Pixels;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

public sealed class PhotometricAugmentationTests
{
    [Fact]
    public void Apply_NothingAllowed_LeavesEveryBit()
    {
        var values = Values(100);
        new PhotometricAugmentation(7, 1, new AugmentConfig { SwapDates = true, Misregister = 5 }).Apply(3, second: true, values);
        Assert.Equal(Values(100), values);
    }

    [Fact]
    public void Apply_BrightnessAndContrast_AreOneGainAndOneOffsetForADate()
    {
        var changes = new PhotometricAugmentation(7, 1, new AugmentConfig { Brightness = 0.5, Contrast = 0.2 });
        var drawn = new List<(float Gain, float Offset)>();
        for (var position = 0; position < 500; position++)
        {
            foreach (var second in new[] { false, true })
            {
                float[] probe = [0, 1];
                changes.Apply(position, second, probe);
                var (offset, gain) = (probe[0], probe[1] - probe[0]);
                drawn.Add((gain, offset));
                // A row of any length, so that both the vectors and what they leave over are looked at.
                var values = Values(19 + position % 7);
                changes.Apply(position, second, values);
                Assert.Equal(Values(values.Length).Select(value => value * gain + offset), values, (one, other) => Math.Abs(one - other) < 1e-6);
            }
        }
        Assert.All(drawn, one => Assert.True(one is { Gain: >= 0.7999f and <= 1.2001f, Offset: >= -0.5001f and <= 0.5001f }));
        Assert.Equal(1000, drawn.Distinct().Count());
        Assert.InRange(drawn.Average(one => one.Gain), 0.99, 1.01);
        Assert.InRange(drawn.Average(one => one.Offset), -0.03, 0.03);
        Assert.True(drawn.Max(one => one.Offset) > 0.48 && drawn.Min(one => one.Offset) < -0.48);
    }

    [Fact]
    public void Apply_Noise_IsNormalOfTheDeviationAskedFor()
    {
        var values = new float[40_001];
        new PhotometricAugmentation(7, 1, new AugmentConfig { Noise = 0.25 }).Apply(3, second: false, values);
        Array.Sort(values);
        var deviation = Math.Sqrt(values.Average(value => (double)value * value));
        Assert.InRange(deviation, 0.245, 0.255);
        // The shares of a normal distribution below so many deviations.
        foreach (var (bound, share) in new[] { (-2.0, 0.02275), (-1.0, 0.15866), (-0.5, 0.30854), (0.0, 0.5), (0.5, 0.69146), (1.0, 0.84134), (2.0, 0.97725) })
            Assert.Equal(share, values.Count(value => value < bound * 0.25) / (double)values.Length, 0.011);
    }

    [Fact]
    public void Apply_TheSameDraw_IsTheSameNoiseWhateverTheLengthAndAnotherForAnyOtherDraw()
    {
        float[] Noise(long seed, int epoch, int position, bool second, int length)
        {
            var values = new float[length];
            new PhotometricAugmentation(seed, epoch, new AugmentConfig { Noise = 1 }).Apply(position, second, values);
            return values;
        }
        var noise = Noise(7, 1, 3, false, 64);
        Assert.Equal(noise[..33], Noise(7, 1, 3, false, 33));
        foreach (var other in new[] { Noise(8, 1, 3, false, 64), Noise(7, 2, 3, false, 64), Noise(7, 1, 4, false, 64), Noise(7, 1, 3, true, 64) })
            Assert.True(noise.Zip(other).Count(pair => pair.First == pair.Second) < 5);
    }

    private static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(at => (float)Math.Sin(at))];
}
