using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Losses of batches with unlabelled pixels.</summary>
[Collection(TorchCollection.Name)]
public sealed class IgnoredLossTests
{
    private const int Seeds = 25;

    public static TheoryData<string, int> Losses =>
        new([.. LossNames.All.Select(name => (name, 2)), .. LossNames.All.Where(name => !LossNames.AreBinary(name)).Select(name => (name, 4))]);

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_IsThatOfTheLabelledPixelsAlone_AndSoIsItsGradient(string name, int classes)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var scope = NewDisposeScope();
            var (ours, labels, labelled) = Scene(seed, classes);
            var theirs = ours.detach().clone().requires_grad_();
            var loss = Create(name, classes);

            var value = loss.Of(LogProbability(ours), labels, labelled);
            value.backward();
            var expected = OfLabelledAlone(loss, theirs, labels, labelled, perImage: name == LossNames.Lovasz);
            expected.backward();

            Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6);
            Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7), $"seed {seed}");
            Assert.Equal(0, ours.grad!.masked_select(labelled.logical_not().unsqueeze(1)).count_nonzero().item<long>());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Nll_IsPyTorchsWithAnIgnoredIndex_AndSoIsItsGradient(int classes)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var scope = NewDisposeScope();
            var (ours, labels, labelled) = Scene(seed, classes);
            var theirs = ours.detach().clone().requires_grad_();
            float[] weights = [.. Enumerable.Range(1, classes).Select(one => 0.3f * one)];

            var loss = LossCatalogue.Create(
                new LossConfig { ClassWeights = ClassWeighting.Given([.. weights.Select(weight => (double)weight)]) }, Fractions(classes))
                .Of(LogProbability(ours), labels, labelled);
            loss.backward();
            var reference = nn.functional.cross_entropy(
                theirs, labels.to(int64).masked_fill(labelled.logical_not(), 255), weight: tensor(weights), ignore_index: 255);
            reference.backward();

            Assert.Equal(reference.item<float>(), loss.item<float>(), 1e-6);
            Assert.True(ours.grad!.allclose(theirs.grad!, 1e-5, 1e-7), $"seed {seed}");
        }
    }

    /// <summary>A network may give anything where there is nothing to learn.</summary>
    [Theory]
    [MemberData(nameof(Losses))]
    public void OutputThatIsNotFinite_AtUnlabelledPixels_ReachesNeitherLossNorGradient(string name, int classes)
    {
        foreach (var wrong in new[] { float.NaN, float.NegativeInfinity, float.PositiveInfinity })
        {
            using var scope = NewDisposeScope();
            var (scores, labels, labelled) = Scene(seed: 3, classes);
            var clean = LogProbability(scores).detach();
            var output = clean.masked_fill(labelled.logical_not().unsqueeze(1), wrong).requires_grad_();
            var loss = Create(name, classes);

            var value = loss.Of(output, labels.masked_fill(labelled.logical_not(), 255), labelled);
            value.backward();

            Assert.Equal(loss.Of(clean, labels, labelled).item<float>(), value.item<float>());
            Assert.True(output.grad!.isfinite().all().item<bool>());
            Assert.Equal(0, output.grad!.masked_select(labelled.logical_not().unsqueeze(1)).count_nonzero().item<long>());
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_WithoutALabelledPixel_IsZeroAndSoIsItsGradient(string name, int classes)
    {
        using var scope = NewDisposeScope();
        var (scores, labels, _) = Scene(seed: 4, classes);

        var loss = Create(name, classes).Of(LogProbability(scores), labels, zeros_like(labels).to(@bool));
        loss.backward();

        Assert.Equal(0f, loss.item<float>());
        Assert.Equal(scores.shape, scores.grad!.shape);
        Assert.Equal(0, scores.grad!.count_nonzero().item<long>());
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Sums_OfBatchesOfWhichOneIsUnlabelled_AreThoseOfTheOthers(string name, int classes)
    {
        using var scope = NewDisposeScope();
        var (scores, labels, labelled) = Scene(seed: 5, classes);
        var (output, loss) = (LogProbability(scores), Create(name, classes));

        var sums = loss.Sums(output, labels, float64, labelled);
        var both = sums + loss.Sums(output, labels, float64, zeros_like(labels).to(@bool));

        Assert.Equal(loss.Of(sums).item<double>(), loss.Of(both).item<double>());
        Assert.Equal(loss.Of(output, labels, labelled).item<float>(), loss.Of(both).item<double>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Loss_OfAllPixelsLabelled_IsThatWithoutThem(string name, int classes)
    {
        using var scope = NewDisposeScope();
        var (scores, labels, _) = Scene(seed: 6, classes);
        var (output, loss) = (LogProbability(scores), Create(name, classes));
        Assert.Equal(loss.Of(output, labels).item<float>(), loss.Of(output, labels, ones_like(labels).to(@bool)).item<float>(), 1e-6);
    }

    private static LossTerm Create(string name, int classes) => LossCatalogue.Create(
        new LossConfig { Name = name, Gamma = 1.5, Plus = name == LossNames.Focal ? [new AddedLossConfig { Name = LossNames.Dice, Weight = 0.5 }] : [] },
        Fractions(classes));

    private static double[] Fractions(int classes) => classes == 2 ? [0.7, 0.3] : [0.7, 0.15, 0.1, 0.05];

    /// <summary>Any shape and pattern: single pixels, whole rows, whole images; at least one pixel has a label.</summary>
    private static (Tensor Scores, Tensor Labels, Tensor Labelled) Scene(int seed, int classes)
    {
        manual_seed(seed);
        var random = new Random(seed);
        var (images, height, width) = (random.Next(1, 5), random.Next(1, 9), random.Next(1, 9));
        var labelled = rand(images, height, width) > random.NextDouble();
        if (random.Next(2) == 0)
            labelled[random.Next(images)].fill_(false);
        if (random.Next(2) == 0)
            labelled.select(1, random.Next(height)).fill_(false);
        labelled[random.Next(images), random.Next(height), random.Next(width)] = tensor(true);
        return (randn(images, classes, height, width).requires_grad_(), randint(0, classes, [images, height, width]).to(float32), labelled);
    }

    private static Tensor LogProbability(Tensor scores) => nn.functional.log_softmax(scores, 1);

    /// <summary>
    /// The loss of an image one pixel high that has the labelled pixels and no others; of one such for each image where it is a mean over images.
    /// </summary>
    private static Tensor OfLabelledAlone(LossTerm loss, Tensor scores, Tensor labels, Tensor labelled, bool perImage)
    {
        if (!perImage)
            return Of(scores, labels, labelled);
        var images = Enumerable.Range(0, (int)labels.shape[0]).Where(image => labelled[image].any().item<bool>()).ToList();
        return stack([.. images.Select(image => Of(scores.narrow(0, image, 1), labels.narrow(0, image, 1), labelled.narrow(0, image, 1)))]).mean();

        Tensor Of(Tensor scores, Tensor labels, Tensor labelled)
        {
            var pixels = LogProbability(scores).permute(0, 2, 3, 1).index(TensorIndex.Tensor(labelled));
            return loss.Of(pixels.t().view(1, scores.shape[1], 1, -1), labels.index(TensorIndex.Tensor(labelled)).view(1, 1, -1));
        }
    }
}
