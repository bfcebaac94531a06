using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class LossTests
{
    public static TheoryData<string> Names => [.. LossNames.All];

    [Fact]
    public void Nll_IsPyTorchsWithWeights_AndSoIsItsGradient()
    {
        using var scope = NewDisposeScope();
        var (ours, changed) = Scene(seed: 1);
        var theirs = ours.detach().clone().requires_grad_();

        var loss = Create(new LossConfig { ClassWeights = ClassWeighting.Given(0.1, 0.9) }).Of(LogProbability(ours), changed);
        loss.backward();
        var reference = nn.NLLLoss(tensor([0.1f, 0.9f])).call(LogProbability(theirs), changed.to(int64));
        reference.backward();

        Assert.Equal(reference.item<float>(), loss.item<float>(), 1e-6);
        Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7));
    }

    [Fact]
    public void Bce_IsPyTorchsOfTheChangeLogit_AndSoIsItsGradient()
    {
        using var scope = NewDisposeScope();
        var (ours, changed) = Scene(seed: 2);
        var theirs = ours.detach().clone().requires_grad_();

        var loss = Create(new LossConfig { Name = LossNames.Bce }).Of(LogProbability(ours), changed);
        loss.backward();
        var reference = nn.BCEWithLogitsLoss().call(theirs.select(1, 1) - theirs.select(1, 0), changed);
        reference.backward();

        Assert.Equal(reference.item<float>(), loss.item<float>(), 1e-6);
        Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7));
    }

    [Fact]
    public void Focal_IsItsFormulaPixelByPixel()
    {
        using var scope = NewDisposeScope();
        var (scores, changed) = Scene(seed: 3);
        var expected = 0.0;
        var weights = 0.0;
        foreach (var (probability, truth) in Pixels(scores, changed))
        {
            var right = truth ? probability : 1 - probability;
            var weight = truth ? 0.9 : 0.1;
            expected -= weight * Math.Pow(1 - right, 1.5) * Math.Log(right);
            weights += weight;
        }

        var loss = Create(new LossConfig { Name = LossNames.Focal, Gamma = 1.5, ClassWeights = ClassWeighting.Given(0.1, 0.9) });

        Assert.Equal(expected / weights, loss.Of(LogProbability(scores), changed).item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(LossNames.Dice, 0.5, 0.5)]
    [InlineData(LossNames.Tversky, 0.2, 0.6)]
    public void Tversky_IsItsFormulaPixelByPixel(string name, double alpha, double beta)
    {
        using var scope = NewDisposeScope();
        var (scores, changed) = Scene(seed: 4);
        var (truePositive, falsePositive, falseNegative) = (0.0, 0.0, 0.0);
        foreach (var (probability, truth) in Pixels(scores, changed))
        {
            truePositive += truth ? probability : 0;
            falsePositive += truth ? 0 : probability;
            falseNegative += truth ? 1 - probability : 0;
        }
        var expected = 1 - (truePositive + 1) / (truePositive + alpha * falsePositive + beta * falseNegative + 1);

        var loss = Create(new LossConfig { Name = name, Alpha = alpha, Beta = beta });

        Assert.Equal(expected, loss.Of(LogProbability(scores), changed).item<float>(), 1e-6);
    }

    /// <summary>By the definition of the Lovász extension: errors in falling order, each times what its pixel adds to the Jaccard loss.</summary>
    [Fact]
    public void Lovasz_IsTheExtensionOfTheJaccardLoss()
    {
        using var scope = NewDisposeScope();
        var (scores, changed) = Scene(seed: 5, images: 1);
        var errors = Pixels(scores, changed)
            .Select(pixel => (Error: 1 - Math.Log(pixel.Probability / (1 - pixel.Probability)) * (pixel.Truth ? 1 : -1), pixel.Truth))
            .OrderByDescending(pixel => pixel.Error).ToList();
        var all = errors.Count(pixel => pixel.Truth);
        var (expected, before) = (0.0, 0.0);
        for (var wrong = 1; wrong <= errors.Count; wrong++)
        {
            var mistaken = errors.Take(wrong).ToList();
            var missed = mistaken.Count(pixel => pixel.Truth);
            var jaccard = 1 - (all - missed) / (double)(all + wrong - missed);
            expected += Math.Max(0, errors[wrong - 1].Error) * (jaccard - before);
            before = jaccard;
        }

        Assert.Equal(expected, Create(new LossConfig { Name = LossNames.Lovasz }).Of(LogProbability(scores), changed).item<float>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sums_OfTwoBatches_GiveTheLossOfBothTogether(string name)
    {
        using var scope = NewDisposeScope();
        var loss = Create(new LossConfig { Name = name, Plus = [new AddedLossConfig { Name = LossNames.Dice, Weight = 0.5 }] });
        var (scores, changed) = Scene(seed: 6, images: 4);
        var output = LogProbability(scores);

        var apart = loss.Sums(output.narrow(0, 0, 1), changed.narrow(0, 0, 1), float64) + loss.Sums(output.narrow(0, 1, 3), changed.narrow(0, 1, 3), float64);

        Assert.Equal(loss.Of(output, changed).item<float>(), loss.Of(apart).item<double>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_OfABatchWithoutChangeOrAllChange_IsFiniteAndSoIsItsGradient(string name)
    {
        foreach (var value in new[] { 0f, 1f })
        {
            using var scope = NewDisposeScope();
            var (scores, changed) = Scene(seed: 7);
            var loss = Create(new LossConfig { Name = name }).Of(LogProbability(scores), changed.fill_(value));
            loss.backward();

            Assert.True(float.IsFinite(loss.item<float>()));
            Assert.True(scores.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Plus_AddsWeightedTerms()
    {
        using var scope = NewDisposeScope();
        var (scores, changed) = Scene(seed: 8);
        var output = LogProbability(scores);

        var sum = Create(new LossConfig { Plus = [new AddedLossConfig { Name = LossNames.Lovasz, Weight = 0.25 }] }).Of(output, changed);

        var (nll, lovasz) = (Create(new LossConfig()).Of(output, changed), Create(new LossConfig { Name = LossNames.Lovasz }).Of(output, changed));
        Assert.Equal(nll.item<float>() + 0.25 * lovasz.item<float>(), sum.item<float>(), 1e-6);
    }

    [Fact]
    public void Weights_OfEachRule_AreThoseOfTheChangeFraction()
    {
        Assert.Equal(new ClassWeights(0.25, 0.75), LossCatalogue.Weights(ClassWeighting.Auto, [0.75, 0.25]));
        Assert.Equal(new ClassWeights(5, 1.5), LossCatalogue.Weights(ClassWeighting.Daudt2018, [0.75, 0.25]));
        Assert.Equal(new ClassWeights(1, 2), LossCatalogue.Weights(ClassWeighting.Given(1, 2), [0.75, 0.25]));
    }

    private static LossTerm Create(LossConfig config) => LossCatalogue.Create(config, changeFraction: 0.3);

    private static (Tensor Scores, Tensor Changed) Scene(long seed, int images = 2)
    {
        manual_seed(seed);
        return (randn(images, 2, 5, 7).requires_grad_(), (rand(images, 5, 7) > 0.7).to(float32));
    }

    private static Tensor LogProbability(Tensor scores) => nn.functional.log_softmax(scores, 1);

    private static List<(double Probability, bool Truth)> Pixels(Tensor scores, Tensor changed)
    {
        using var unrecorded = no_grad();
        var probability = LogProbability(scores.to(float64)).select(1, 1).exp().contiguous().data<double>().ToArray();
        return [.. probability.Zip(changed.contiguous().data<float>().ToArray(), (value, truth) => (value, truth > 0))];
    }
}
