using ChangeDetection.Core.Results;
using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Tests.Scoring;

public sealed class CurveTests
{
    [Fact]
    public void AveragePrecision_OfTheProbabilitiesThemselves_LiesWithinTheBoundsOfTheBins()
    {
        var random = new Random(5);
        for (var round = 0; round < 5; round++)
        {
            // Crowded into few bins, as a confident network does.
            var pixels = Enumerable.Range(0, 20_000).Select(_ => random.NextDouble() < 0.1)
                .Select(changed => (Changed: changed, Probability: (float)Math.Pow(random.NextDouble(), changed ? 0.02 : 300))).ToList();
            var histogram = new ProbabilityHistogram();
            var (unchanged, counts) = (new long[ProbabilityHistogram.Bins], new long[ProbabilityHistogram.Bins]);
            foreach (var (changed, probability) in pixels)
                (changed ? counts : unchanged)[ProbabilityHistogram.BinOf(probability)]++;
            histogram.Add(unchanged, counts);
            var curve = new PrecisionRecallCurve(histogram);

            var (low, high) = curve.AveragePrecisionRange;
            var exact = Exact(pixels);
            Assert.InRange(exact, low - 1e-9, high + 1e-9);
            Assert.InRange(curve.AveragePrecision, low - 1e-9, high + 1e-9);
            Assert.True(high - low < 0.2, $"The bounds {low} to {high} say nothing.");
        }
    }

    [Fact]
    public void At_AThreshold_CountsExactlyThePixelsFromItOn()
    {
        var histogram = new ProbabilityHistogram();
        foreach (var (probability, changed) in new[] { (0.25f, true), (MathF.BitDecrement(0.25f), true), (0.25f, false), (1f, true), (0f, false) })
        {
            var counts = new long[ProbabilityHistogram.Bins];
            counts[ProbabilityHistogram.BinOf(probability)]++;
            histogram.Add(changed ? new long[ProbabilityHistogram.Bins] : counts, changed ? counts : new long[ProbabilityHistogram.Bins]);
        }

        Assert.Equal(new ConfusionCounts(2, 1, 1, 1), new PrecisionRecallCurve(histogram).At(0.25));
    }

    [Fact]
    public void Best_OfManyThresholds_HasTheHighestF1_AndIsNearestToOneHalf()
    {
        var curve = new PrecisionRecallCurve(Pixels.Draw(3, 5000, 2, 0.2, 0.9).Histogram);
        var best = curve.Best()!;

        var all = Enumerable.Range(0, ProbabilityHistogram.Bins).Select(bin => curve.At(bin / (double)ProbabilityHistogram.Bins).F1);
        Assert.Equal(all.Max(), best.F1);
        // All of one class apart from all of the other: any threshold between does as well.
        var apart = new Pixels(2, [0, 1], [0, 1], [100, 4000]);
        Assert.Equal(0.5, new PrecisionRecallCurve(apart.Histogram).Best()!.Threshold);
        Assert.Null(new PrecisionRecallCurve(new Pixels(2, [0, 0], [0, 1], [100, 4000]).Histogram).Best());
    }

    [Fact]
    public void Points_AreFewAndGoFromTheHighestThresholdToTheLowest()
    {
        var points = new PrecisionRecallCurve(Pixels.Draw(4, 5000, 2, 0.2, 0.9).Histogram).Points(50);

        Assert.InRange(points.Count, 20, 50);
        Assert.Equal(points.OrderByDescending(point => point.Threshold), points);
        Assert.Equal((0, 1), (points[^1].Threshold, points[^1].Recall));
        Assert.Empty(new PrecisionRecallCurve(new ProbabilityHistogram()).Points(50));
    }

    [Fact]
    public void Calibration_OfProbabilitiesThatAreRight_HasNoError_AndOfWrongOnesTheirDistance()
    {
        var (unchanged, changed) = (new long[ProbabilityHistogram.Bins], new long[ProbabilityHistogram.Bins]);
        var right = new ProbabilityHistogram();
        // At each bin's middle, changed as often as it says: 8192 pixels of which 2 bin + 1.
        for (var bin = 0; bin < ProbabilityHistogram.Bins; bin++)
            (unchanged[bin], changed[bin]) = (8192 - (2 * bin + 1), 2 * bin + 1);
        right.Add(unchanged, changed);
        var wrong = new ProbabilityHistogram();
        var one = new long[ProbabilityHistogram.Bins];
        one[3072] = 10;
        wrong.Add(one, new long[ProbabilityHistogram.Bins]);

        Assert.Equal(0, Calibration.Of(right).ExpectedError, 1e-12);
        Assert.Equal(ProbabilityHistogram.Middle(3072), Calibration.Of(wrong).ExpectedError, 1e-12);
        var bins = Calibration.Of(wrong).Bins;
        Assert.Equal(Calibration.BinCount, bins.Count);
        Assert.Equal(new ReliabilityBin(0.75, 0.8125, 10, ProbabilityHistogram.Middle(3072), 0), bins[12]);
        Assert.Null(bins[0].MeanProbability);
    }

    [Fact]
    public void Bootstrap_IsAFunctionOfCountsAndSeed_AndCoversTheTruth()
    {
        var random = new Random(9);
        var covered = 0;
        const int Rounds = 60;
        for (var round = 0; round < Rounds; round++)
        {
            // Images whose pixels are right or wrong together: that of the pixels alone would be far too narrow.
            var images = Enumerable.Range(0, 60).Select(_ => random.Next(10, 90)).Select(found => new ConfusionCounts(found, 0, 100 - found, 900)).ToList();
            var interval = Bootstrap.Intervals(images, seed: round)!["recall"];
            covered += interval.Low <= 0.495 && 0.495 <= interval.High ? 1 : 0;
        }
        Assert.InRange(covered, 0.85 * Rounds, Rounds);

        List<ConfusionCounts> few = [new(10, 2, 3, 85), new(0, 1, 9, 90), new(30, 5, 5, 60)];
        Assert.Equal(Bootstrap.Intervals(few, 7)!["f1"], Bootstrap.Intervals(few, 7)!["f1"]);
        var many = Enumerable.Range(1, 50).Select(found => new ConfusionCounts(found, 2, 3, 900)).ToList();
        Assert.NotEqual(Bootstrap.Intervals(many, 7)!["f1"], Bootstrap.Intervals(many, 8)!["f1"]);
        Assert.Null(Bootstrap.Intervals([few[0]], 7));
    }

    [Fact]
    public void MeanAndDeviation_OfOneValue_HasNoDeviation()
    {
        Assert.Equal(new MeanAndDeviation(2, 1, 3), MeanAndDeviation.Of([1, 2, 3]));
        Assert.Equal(new MeanAndDeviation(5, null, 1), MeanAndDeviation.Of([5]));
        Assert.Null(MeanAndDeviation.Of([]));
    }

    /// <summary>From the sorted probabilities, pixel by pixel.</summary>
    private static double Exact(List<(bool Changed, float Probability)> pixels)
    {
        var (sum, found, seen) = (0.0, 0, 0);
        foreach (var same in pixels.GroupBy(pixel => pixel.Probability).OrderByDescending(group => group.Key))
        {
            var more = same.Count(pixel => pixel.Changed);
            found += more;
            seen += same.Count();
            sum += more * (found / (double)seen);
        }
        return sum / found;
    }
}
