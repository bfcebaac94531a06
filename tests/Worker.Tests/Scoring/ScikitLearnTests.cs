using System.Text.Json;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Tests.Scoring;

/// <summary>Our figures against those of scikit-learn, an independent computation: Debian's python3-sklearn, where it is installed.</summary>
[Needs(Resource.Processes)]
public sealed class ScikitLearnTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public async Task Figures_OfRandomAndDegenerateMasks_AreScikitLearns()
    {
        var cases = Cases().ToList();
        using var folder = new TemporaryFolder();
        var file = folder.Write("pixels.json", JsonSerializer.Serialize(cases.Select(one => new
        {
            classes = one.Classes,
            truth = one.Truth,
            predicted = one.Predicted,
            bins = one.Bins,
        })));

        using var theirs = JsonDocument.Parse(await Python.RunWithOrSkipAsync(
            "sklearn", "python3-sklearn", Path.Combine(Repository.Root, "tests/Worker.Tests/Scoring/scores.py"), file));

        Assert.Equal(cases.Count, theirs.RootElement.GetArrayLength());
        foreach (var (pixels, expected) in cases.Zip(theirs.RootElement.EnumerateArray()))
            AssertEqual(pixels, expected);
    }

    private static IEnumerable<Pixels> Cases()
    {
        for (var seed = 0; seed < 12; seed++)
            yield return Pixels.Draw(seed, 400 + 37 * seed, classes: 2 + seed % 4, change: 0.02 + 0.08 * seed, right: 0.3 + 0.05 * seed);
        foreach (var classes in new[] { 2, 3 })
        {
            var some = Pixels.Draw(100, 300, classes, change: 0.2, right: 0.8);
            var empty = Pixels.Draw(101, 300, classes, change: 0, right: 0.9);
            var full = Pixels.Draw(102, 300, classes, change: 1, right: 0.9);
            foreach (var pixels in new[] { some, empty, full })
            {
                yield return pixels;
                yield return pixels.AllPredicted(0);
                yield return pixels.AllPredicted(1);
                yield return pixels with { Predicted = pixels.Truth };
                yield return pixels with { Bins = [.. pixels.Bins.Select(_ => 2048)] };
                yield return pixels with { Bins = [.. pixels.Bins.Select((_, index) => index % 2 * (ProbabilityHistogram.Bins - 1))] };
            }
        }
        yield return new Pixels(2, [1], [1], [4095]);
        yield return new Pixels(2, [1], [0], [0]);
        yield return new Pixels(2, [0], [1], [4095]);
    }

    private static void AssertEqual(Pixels pixels, JsonElement expected)
    {
        var matrix = pixels.Matrix;
        AssertEqual(matrix.Change, expected.GetProperty("change"));
        for (var one = 0; one < pixels.Classes; one++)
        {
            AssertEqual(matrix.OfClass(one), expected.GetProperty("classes")[one]);
            for (var predicted = 0; predicted < pixels.Classes; predicted++)
                Assert.Equal(expected.GetProperty("confusion")[one][predicted].GetInt64(), matrix[one, predicted]);
        }
        Assert.Equal(expected.GetProperty("mean_f1").GetDouble(), matrix.MeanF1, Tolerance);
        Assert.Equal(expected.GetProperty("mean_iou").GetDouble(), matrix.MeanIoU, Tolerance);
        Assert.Equal(expected.GetProperty("accuracy").GetDouble(), matrix.Accuracy, Tolerance);
        Assert.Equal(expected.GetProperty("kappa").GetDouble(), matrix.Kappa, Tolerance);

        var curve = new PrecisionRecallCurve(pixels.Histogram);
        Assert.Equal(expected.GetProperty("average_precision").GetDouble(), curve.AveragePrecision, Tolerance);
        foreach (var point in expected.GetProperty("curve").EnumerateObject())
        {
            var counts = curve.At(int.Parse(point.Name, System.Globalization.CultureInfo.InvariantCulture) / (double)ProbabilityHistogram.Bins);
            Assert.Equal(point.Value[0].GetDouble(), counts.Precision, Tolerance);
            Assert.Equal(point.Value[1].GetDouble(), counts.Recall, Tolerance);
        }
    }

    private static void AssertEqual(ConfusionCounts counts, JsonElement expected)
    {
        foreach (var (measure, value) in counts.Figures())
            Assert.Equal(expected.GetProperty(measure).GetDouble(), value, Tolerance);
    }
}
