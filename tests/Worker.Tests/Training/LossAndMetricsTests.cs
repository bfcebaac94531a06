using ChangeDetection.Configuration;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class LossAndMetricsTests
{
    [Fact]
    public void Loss_IsPyTorchsWeightedNll_AndSoIsItsGradient()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var changed = (rand(2, 5, 7) > 0.7).to(float32);
        var ours = randn(2, 2, 5, 7).requires_grad_();
        var theirs = ours.detach().clone().requires_grad_();
        var weights = new ClassWeights(0.1, 0.9);

        var loss = new WeightedLoss(weights).Of(nn.functional.log_softmax(ours, 1), changed);
        loss.backward();
        var reference = nn.NLLLoss(tensor([0.1f, 0.9f])).call(nn.functional.log_softmax(theirs, 1), changed.to(int64));
        reference.backward();

        Assert.Equal(reference.item<float>(), loss.item<float>(), 1e-6);
        Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7));
        var (numerator, weight) = new WeightedLoss(weights).Sums(nn.functional.log_softmax(ours, 1), changed);
        Assert.Equal(reference.item<float>(), numerator / weight, 1e-6);
    }

    [Fact]
    public void Loss_Auto_WeighsClassesByTheChangeFraction()
    {
        Assert.Equal(new ClassWeights(0.25, 0.75), WeightedLoss.Of(new LossConfig(), 0.25).Weights);
        Assert.Equal(new ClassWeights(1, 2), WeightedLoss.Of(new LossConfig { ClassWeights = new ClassWeights(1, 2) }, 0.25).Weights);
    }

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
    public void LearningRate_IsAFunctionOfTheEpoch()
    {
        var optimizer = new OptimizerConfig { Lr = 0.1 };

        Assert.Equal(0.1, LearningRates.At(optimizer, new ScheduleConfig { Name = "constant", Gamma = 0.5 }, 3));
        Assert.Equal(0.0125, LearningRates.At(optimizer, new ScheduleConfig { Name = "exponential", Gamma = 0.5 }, 3), 1e-12);
        Assert.Throws<ArgumentException>(() => LearningRates.At(optimizer, new ScheduleConfig { Name = "none" }, 0));
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

    [Fact]
    public void Adam_FollowsPyTorchs()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var ours = nn.Linear(4, 3);
        using var theirs = nn.Linear(4, 3);
        theirs.load_state_dict(ours.state_dict());
        using var adam = new Adam(ours, weightDecay: 0.01);
        var reference = optim.Adam(theirs.parameters(), 0.05, weight_decay: 0.01);
        for (var step = 1; step <= 5; step++)
        {
            var input = randn(2, 4);
            ours.call(input).pow(2).sum().backward();
            adam.Step(step, 0.05);
            reference.zero_grad();
            theirs.call(input).pow(2).sum().backward();
            reference.step();
        }

        foreach (var (name, tensor) in ours.state_dict())
            Assert.True(tensor.allclose(theirs.state_dict()[name], 1e-5, 1e-6), name);
    }
}
