using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Losses of more than two classes.</summary>
[Collection(TorchCollection.Name)]
public sealed class ClassLossTests
{
    private const int Classes = 4;
    private static readonly double[] s_fractions = [0.7, 0.15, 0.1, 0.05];

    public static TheoryData<string> Names => [.. LossNames.All.Where(name => !LossNames.AreBinary(name))];

    [Fact]
    public void Nll_IsPyTorchsWithWeights_AndSoIsItsGradient()
    {
        using var scope = NewDisposeScope();
        var (ours, labels) = Scene(seed: 1);
        var theirs = ours.detach().clone().requires_grad_();

        var loss = Create(new LossConfig { ClassWeights = ClassWeighting.Given([0.1, 0.9, 2, 0.5]) }).Of(LogProbability(ours), labels);
        loss.backward();
        var reference = nn.NLLLoss(tensor([0.1f, 0.9f, 2f, 0.5f])).call(LogProbability(theirs), labels.to(int64));
        reference.backward();

        Assert.Equal(reference.item<float>(), loss.item<float>(), 1e-6);
        Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7));
    }

    [Fact]
    public void Dice_IsTheMeanOverAllClassesButNoChange()
    {
        using var scope = NewDisposeScope();
        var (scores, labels) = Scene(seed: 2);
        var probability = LogProbability(scores).exp();
        var expected = Enumerable.Range(1, Classes - 1).Average(label =>
        {
            var (predicted, truth) = (probability.select(1, label), labels.eq(label).to(float32));
            var both = (predicted * truth).sum().item<float>();
            return 1 - (both + 1) / (0.5 * (predicted.sum().item<float>() + truth.sum().item<float>()) + 1);
        });

        Assert.Equal(expected, Create(new LossConfig { Name = LossNames.Dice }).Of(LogProbability(scores), labels).item<float>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sums_OfTwoBatches_GiveTheLossOfBothTogether(string name)
    {
        using var scope = NewDisposeScope();
        var loss = Create(new LossConfig { Name = name, Plus = [new AddedLossConfig { Name = LossNames.Dice, Weight = 0.5 }] });
        var (scores, labels) = Scene(seed: 3, images: 4);
        var output = LogProbability(scores);

        var apart = loss.Sums(output.narrow(0, 0, 1), labels.narrow(0, 0, 1), float64) + loss.Sums(output.narrow(0, 1, 3), labels.narrow(0, 1, 3), float64);

        Assert.Equal(loss.Of(output, labels).item<float>(), loss.Of(apart).item<double>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_OfABatchOfOneClass_IsFiniteAndSoIsItsGradient(string name)
    {
        for (var label = 0; label < Classes; label++)
        {
            using var scope = NewDisposeScope();
            var (scores, labels) = Scene(seed: 4);
            var loss = Create(new LossConfig { Name = name }).Of(LogProbability(scores), labels.fill_(label));
            loss.backward();

            Assert.True(float.IsFinite(loss.item<float>()));
            Assert.True(scores.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Weights_Auto_LetAllClassesWeighAlike()
    {
        var weights = LossCatalogue.Weights(ClassWeighting.Auto, s_fractions).Values;
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.All(weights.Zip(s_fractions), pair => Assert.Equal(weights[0] * s_fractions[0], pair.First * pair.Second, 1e-12));
        Assert.Equal(0, LossCatalogue.Weights(ClassWeighting.Auto, [0.5, 0.5, 0]).Values[2]);
        // Of two classes: what [p, 1 - p] is.
        Assert.Equal(new ClassWeights(0.25, 0.75), LossCatalogue.Weights(ClassWeighting.Auto, [0.75, 0.25]));
    }

    private static LossTerm Create(LossConfig config) => LossCatalogue.Create(config, s_fractions);

    private static (Tensor Scores, Tensor Labels) Scene(long seed, int images = 2)
    {
        manual_seed(seed);
        return (randn(images, Classes, 5, 7).requires_grad_(), randint(0, Classes, [images, 5, 7]).to(float32));
    }

    private static Tensor LogProbability(Tensor scores) => nn.functional.log_softmax(scores, 1);
}
