using System.Text.Json;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;
using CsCheck;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Figures of splits with unlabelled pixels, against a recount of the labelled ones.</summary>
[Collection(TorchCollection.Name)]
public sealed class IgnoredFiguresTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Counts_AreThoseOfTheLabelledPixels(int classes)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            var random = new Random(seed);
            var output = (randn(3, classes, 6, 5) * 3).log_softmax(1);
            var labelled = rand(3, 6, 5) > random.NextDouble();
            labelled[random.Next(3)].fill_(false);
            // Whatever the network gives where nothing counts.
            var given = output.masked_fill(labelled.logical_not().unsqueeze(1), float.NaN);
            var truth = randint(0, classes, [3, 6, 5], dtype: int64).masked_fill(labelled.logical_not(), 0);
            var predicted = Confusion.Predict(output);

            var images = Confusion.PerImage(predicted, truth, classes, labelled);
            var histogram = new ProbabilityHistogram();
            ChangeProbabilities.AddTo(histogram, new ScoredBatch(given, predicted, truth, images, labelled));

            var (unchanged, changed) = (new long[ProbabilityHistogram.Bins], new long[ProbabilityHistogram.Bins]);
            var probabilities = ChangeProbabilities.Of(output).data<float>().ToArray();
            var (truths, guesses, counted) = (truth.data<long>().ToArray(), predicted.data<long>().ToArray(), labelled.data<bool>().ToArray());
            for (var n = 0; n < 3; n++)
            {
                var expected = new long[classes * classes];
                for (var at = 30 * n; at < 30 * (n + 1); at++)
                {
                    if (!counted[at])
                        continue;
                    expected[truths[at] * classes + guesses[at]]++;
                    (truths[at] > 0 ? changed : unchanged)[ProbabilityHistogram.BinOf(probabilities[at])]++;
                }
                Assert.Equal(expected, Enumerable.Range(0, classes * classes).Select(at => images[n][at / classes, at % classes]));
            }
            Assert.Equal(unchanged, histogram.Unchanged.ToArray());
            Assert.Equal(changed, histogram.Changed.ToArray());
        }
    }

    /// <summary>Figures of a network's output against those that scikit-learn has of the labelled pixels.</summary>
    [Fact]
    [Needs(Resource.Processes)]
    public async Task Figures_AreScikitLearnsOfTheLabelledPixels()
    {
        var cases = Enumerable.Range(0, 8).Select(seed => Draw(seed, classes: 2 + seed % 3)).ToList();
        using var folder = new TemporaryFolder();
        var file = folder.Write("pixels.json", JsonSerializer.Serialize(cases.Select(one => new
        {
            classes = one.Matrix.Classes,
            truth = one.Truth,
            predicted = one.Predicted,
            bins = one.Bins,
        })));

        using var theirs = JsonDocument.Parse(await Python.RunWithOrSkipAsync(
            "sklearn", "python3-sklearn", Path.Combine(Repository.Root, "tests/Worker.Tests/Scoring/scores.py"), file));

        Assert.Equal(cases.Count, theirs.RootElement.GetArrayLength());
        foreach (var ((matrix, histogram, _, _, _), expected) in cases.Zip(theirs.RootElement.EnumerateArray()))
        {
            foreach (var (measure, value) in matrix.Change.Figures())
                Assert.Equal(expected.GetProperty("change").GetProperty(measure).GetDouble(), value, 1e-12);
            Assert.Equal(expected.GetProperty("mean_f1").GetDouble(), matrix.MeanF1, 1e-12);
            Assert.Equal(expected.GetProperty("kappa").GetDouble(), matrix.Kappa, 1e-12);
            Assert.Equal(expected.GetProperty("average_precision").GetDouble(), new PrecisionRecallCurve(histogram).AveragePrecision, 1e-12);
        }
    }

    /// <summary>An image without a labelled pixel changes no mean, no deviation and no interval.</summary>
    [Fact]
    public void MeansAndIntervals_AreThoseWithoutUnlabelledImages() => Gen.Select(
        Gen.Select(Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[0, 50]).Select(
            counts => new ConfusionCounts(counts.Item1, counts.Item2, counts.Item3, counts.Item4)).List[0, 8], Gen.Int[0, 5]).Sample((counts, empty) =>
    {
        var (without, with) = (new ImageScores(), new ImageScores());
        counts.ForEach(without.Add);
        for (var i = 0; i < empty; i++)
            with.Add(default);
        counts.ForEach(with.Add);

        foreach (var measure in ConfusionCounts.Measures)
            Assert.Equal(without.Mean(measure), with.Mean(measure));
        Assert.Equal(Bootstrap.Intervals(without.Images, 3), Bootstrap.Intervals(with.Images, 3));
    }, iter: 20);

    /// <summary>The picture and the ranks of samples leave out what is unlabelled.</summary>
    [Fact]
    public void ExtremeSamples_AreRankedByTheirLabelledPixels()
    {
        using var scope = NewDisposeScope();
        var extremes = new ExtremeSamples(most: 2);
        for (var position = 0; position < 3; position++)
        {
            using var batch = InventedBatches.Draw(0, position, 1);
            var truth = tensor(batch.Mask).to(int64).view(1, InventedBatches.Side, InventedBatches.Side);
            // All is taken for change: right only where what is no change is unlabelled. Of the last one nothing has a label.
            var labelled = position switch { 0 => truth.ge(0), 1 => truth.eq(1), _ => truth.lt(0) };
            var predicted = ones_like(truth);
            var counted = truth.masked_fill(labelled.logical_not(), 0);
            extremes.Add(batch, new ScoredBatch(zeros(1), predicted, counted, Confusion.PerImage(predicted, counted, 2, labelled), labelled));
        }
        Assert.Equal(["best-1-sample-1", "best-2-sample-0"], extremes.Best.Select(picture => picture.Name));
        Assert.Equal(1, extremes.Best[0].Counts.F1);
        Assert.Equal(144, extremes.Best[0].Counts.Total);
        Assert.Equal(2, extremes.Worst.Count);
    }

    /// <summary>What is counted of an output, and its pixels one by one, 255 where they have no label.</summary>
    private static (ConfusionMatrix Matrix, ProbabilityHistogram Histogram, long[] Truth, long[] Predicted, int[] Bins) Draw(int seed, int classes)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var output = (randn(3, classes, 9, 11) * 3).log_softmax(1);
        var labelled = rand(3, 9, 11) > 0.1 * seed;
        var labels = randint(0, classes, [3, 9, 11], dtype: int64);
        var (truth, predicted) = (labels.masked_fill(labelled.logical_not(), 0), Confusion.Predict(output));
        var images = Confusion.PerImage(predicted, truth, classes, labelled);
        var histogram = new ProbabilityHistogram();
        ChangeProbabilities.AddTo(histogram, new ScoredBatch(output, predicted, truth, images, labelled));
        return (
            images.Aggregate((one, other) => one + other), histogram, labels.masked_fill(labelled.logical_not(), 255).data<long>().ToArray(),
            predicted.data<long>().ToArray(), [.. ChangeProbabilities.Of(output).data<float>().ToArray().Select(ProbabilityHistogram.BinOf)]);
    }
}
