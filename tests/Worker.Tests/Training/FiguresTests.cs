using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class FiguresTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Confusion_OfTensors_IsThatCountedPixelByPixel(int classes)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var output = randn(3, classes, 6, 5).log_softmax(1);
        var truth = randint(0, classes, [3, 6, 5], dtype: int64);
        var predicted = Confusion.Predict(output);

        var images = Confusion.PerImage(predicted, truth, classes);

        for (var n = 0; n < 3; n++)
        {
            var expected = new long[classes * classes];
            for (var y = 0; y < 6; y++)
            {
                for (var x = 0; x < 5; x++)
                {
                    var likeliest = Enumerable.Range(0, classes).MaxBy(one => output[n, one, y, x].item<float>());
                    Assert.Equal(likeliest, predicted[n, y, x].item<long>());
                    expected[truth[n, y, x].item<long>() * classes + likeliest]++;
                }
            }
            Assert.Equal(expected, Enumerable.Range(0, classes * classes).Select(at => images[n][at / classes, at % classes]));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Histogram_OfTensors_IsThatOfEachPixelsProbability(int classes)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var output = (randn(2, classes, 5, 4) * 4).log_softmax(1);
        var truth = randint(0, classes, [2, 5, 4], dtype: int64);
        var histogram = new ProbabilityHistogram();
        ChangeProbabilities.AddTo(histogram, new ScoredBatch(output, Confusion.Predict(output), truth, []));

        var (unchanged, changed) = (new long[ProbabilityHistogram.Bins], new long[ProbabilityHistogram.Bins]);
        var probabilities = ChangeProbabilities.Of(output);
        Assert.True((probabilities - output.exp().narrow(1, 1, classes - 1).sum(1)).abs().max().item<float>() < 1e-6);
        foreach (var (probability, truly) in probabilities.data<float>().ToArray().Zip(truth.data<long>().ToArray()))
            (truly > 0 ? changed : unchanged)[ProbabilityHistogram.BinOf(probability)]++;
        Assert.Equal(unchanged, histogram.Unchanged.ToArray());
        Assert.Equal(changed, histogram.Changed.ToArray());
        Assert.Throws<OutputNotFiniteException>(() => ChangeProbabilities.AddTo(histogram, new ScoredBatch(output * float.NaN, truth, truth, [])));
    }

    [Fact]
    public void Truth_OfAClassThatTheNetworkDoesNotKnow_IsRefusedByName()
    {
        using var scope = NewDisposeScope();
        using var batch = InventedBatches.Draw(0, 0, 2);

        var refused = Assert.Throws<DatasetMismatchException>(() => Confusion.Truth(full(2, 4, 4, 3f), classes: 3, batch));
        Assert.Contains(
            "'sample-0' or the samples after it holds class 3, but the network tells 3 classes apart (0 to 2)",
            refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, Confusion.Truth(full(2, 4, 4, 2f), classes: 3, batch).max().item<long>());
    }

    [Fact]
    public void Keys_OfDraws_DifferInEveryWord()
    {
        var keys = new HashSet<long>();
        for (var seed = 0; seed < 10; seed++)
        {
            for (var epoch = 0; epoch < 10; epoch++)
            {
                for (var step = 0; step < 10; step++)
                    keys.Add(TorchSeeds.Key(seed, TorchSeeds.Dropout, epoch, step));
            }
        }

        Assert.Equal(1000, keys.Count);
        Assert.Equal(TorchSeeds.Key(1, 2, 3), TorchSeeds.Key(1, 2, 3));
    }
}
