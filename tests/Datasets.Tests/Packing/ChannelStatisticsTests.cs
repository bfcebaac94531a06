using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class ChannelStatisticsTests
{
    [Fact]
    public void Result_OfAnyImages_IsThatOfAllPixelsTogether() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[0, 1000]).Array[1, 5].Sample(sizes =>
        {
            var images = sizes.Select(
                size => PatternImages.Make(new(size.Item1, size.Item2, 3, PixelType.UInt8), at => (byte)((at * 37 + size.Item3) % 251))).ToList();
            var statistics = new ChannelStatistics();
            foreach (var image in images)
                statistics.Add(image);
            var result = statistics.Result();
            for (var channel = 0; channel < 3; channel++)
            {
                var values = images.SelectMany(image => image.Pixels.Where((_, at) => at % 3 == channel)).Select(value => (double)value).ToList();
                var deviation = Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2)));
                Assert.Equal(values.Average(), result.Mean[channel], 1e-9);
                Assert.Equal(deviation > 0 ? deviation : 1, result.Deviation[channel], 1e-9);
            }
        }, iter: 50);

    [Fact]
    public void Result_OfLargeSixteenBitValues_DoesNotCancel()
    {
        var statistics = new ChannelStatistics();
        for (var image = 0; image < 50; image++)
            statistics.Add(PatternImages.Make(new(64, 64, 1, PixelType.UInt16), at => at % 2 == 1 ? (byte)255 : (byte)(at / 2 % 2)));
        Assert.Equal(65280.5, statistics.Result().Mean[0], 1e-9);
        Assert.Equal(0.5, statistics.Result().Deviation[0], 1e-9);
    }

    [Fact]
    public void Result_OfAConstantChannel_HasTheDeviationOne()
    {
        var statistics = new ChannelStatistics();
        statistics.Add(PatternImages.Grey(4, 4, 9));
        Assert.Equal((9, 1), (statistics.Result().Mean[0], statistics.Result().Deviation[0]));
    }
}
