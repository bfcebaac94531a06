using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class FiguresTests
{
    [Fact]
    public void Counts_OfTensors_AreThoseCountedOneByOne()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var output = randn(3, 2, 6, 5);
        var changed = (rand(3, 6, 5) > 0.6).to(float32);
        var expected = new ConfusionCounts();
        for (var n = 0; n < 3; n++)
        {
            for (var y = 0; y < 6; y++)
            {
                for (var x = 0; x < 5; x++)
                {
                    var predicted = output[n, 1, y, x].item<float>() > output[n, 0, y, x].item<float>();
                    expected += (predicted, changed[n, y, x].item<float>() > 0) switch
                    {
                        (true, true) => new ConfusionCounts(1, 0, 0, 0),
                        (true, false) => new ConfusionCounts(0, 1, 0, 0),
                        (false, true) => new ConfusionCounts(0, 0, 1, 0),
                        _ => new ConfusionCounts(0, 0, 0, 1),
                    };
                }
            }
        }

        Assert.Equal(expected, ConfusionCounts.Of(output, changed));
    }

    [Fact]
    public void Figures_OfAKnownTable_AreThoseOfTheTextbooks()
    {
        var counts = new ConfusionCounts(TruePositive: 20, FalsePositive: 5, FalseNegative: 10, TrueNegative: 15);

        Assert.Equal(0.8, counts.Precision, 1e-12);
        Assert.Equal(2.0 / 3, counts.Recall, 1e-12);
        Assert.Equal(40.0 / 55, counts.F1, 1e-12);
        Assert.Equal(20.0 / 35, counts.IoU, 1e-12);
        Assert.Equal(0.7, counts.Accuracy, 1e-12);
        Assert.Equal(0.4, counts.Kappa, 1e-12);
    }

    [Fact]
    public void Figures_WithoutAnyChange_AreFinite()
    {
        Assert.All(new ConfusionCounts(0, 0, 0, 100).Named("val"), figure => Assert.True(double.IsFinite(figure.Value), figure.Key));
        Assert.All(new ConfusionCounts().Named("val"), figure => Assert.Equal(0, figure.Value));
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
                    keys.Add(Draws.Key(seed, Draws.Dropout, epoch, step));
            }
        }

        Assert.Equal(1000, keys.Count);
        Assert.Equal(Draws.Key(1, 2, 3), Draws.Key(1, 2, 3));
    }
}
