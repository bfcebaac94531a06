using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training.Losses;
using CsCheck;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Class weights that follow from a split's shares.</summary>
[Collection(TorchCollection.Name)]
public sealed class ClassWeightTests
{
    private static readonly double[] s_extreme = [0, 1, double.Epsilon, 1e-320, 1e-300, 1e-31, 1e-15, 1e-9, 1 - 1e-15, Math.BitDecrement(1)];

    /// <summary>Shares as they come, and those that a split of (nearly) one class has.</summary>
    private static readonly Gen<double> s_share = Gen.OneOf(Gen.Double[0, 1], Gen.Int[0, s_extreme.Length - 1].Select(at => s_extreme[at]));

    [Fact]
    public void WeightsOfTwoClasses_AreFiniteAndNotAllOfThemZeroForWhatOccurs() => s_share.Sample(change => Hold([1 - change, change]), iter: 2000);

    [Fact]
    public void WeightsOfMoreClasses_AreFiniteAndNotAllOfThemZeroForWhatOccurs() => s_share.Array[3, 8].Sample(parts =>
    {
        Hold(parts);
        if (parts.Sum() is > 0 and var sum)
            Hold([.. parts.Select(part => part / sum)]);
    }, iter: 2000);

    [Fact]
    public void Weights_WhereBothClassesOccur_AreTheFormulasOwn() => Gen.Double[1e-12, 1 - 1e-12].Sample(change =>
    {
        Assert.Equal(new ClassWeights(change, 1 - change), LossCatalogue.Weights(ClassWeighting.Auto, [1 - change, change]));
        Assert.Equal(new ClassWeights(10 * 2 * change, 2 * (1 - change)), LossCatalogue.Weights(ClassWeighting.Daudt2018, [1 - change, change]));
    }, iter: 500);

    /// <summary>[p, 1 - p] would weigh the only class there is by 0, and its loss would be 0 divided by 0.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Loss_OfASplitOfOneClassAlone_IsANumber(int only)
    {
        foreach (var weighting in new[] { ClassWeighting.Auto, ClassWeighting.Daudt2018 })
        {
            using var scope = NewDisposeScope();
            var loss = LossCatalogue.Create(new LossConfig { ClassWeights = weighting }, changeFraction: only);
            var value = loss.Of(nn.functional.log_softmax(zeros(1, 2, 4, 4), 1), full(1, 4, 4, (float)only));
            Assert.Equal(Math.Log(2), value.item<float>(), 1e-6);
        }
    }

    private static void Hold(double[] fractions)
    {
        List<ClassWeighting> rules = fractions.Length == 2 ? [ClassWeighting.Auto, ClassWeighting.Daudt2018] : [ClassWeighting.Auto];
        foreach (var rule in rules)
        {
            var weights = LossCatalogue.Weights(rule, fractions).Values;
            Assert.Equal(fractions.Length, weights.Count);
            Assert.All(weights, weight => Assert.True(double.IsFinite(weight) && weight >= 0, $"{weight}"));
            // As the loss has them.
            Assert.Contains(weights, weight => (float)weight > 0);
            var largest = Array.IndexOf(fractions, fractions.Max());
            if (fractions[largest] > 1e-30)
                Assert.True((float)weights[largest] > 0, $"The class of the share {fractions[largest]} weighs {weights[largest]}.");
        }
    }
}
