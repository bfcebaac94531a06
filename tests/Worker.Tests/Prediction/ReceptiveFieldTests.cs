using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>The stated fields against the networks themselves: where an output's gradient reaches.</summary>
[Collection(TorchCollection.Name)]
public sealed class ReceptiveFieldTests
{
    private const int Side = 16 * 32;
    private const int Centre = 16 * 16;

    public static TheoryData<string> Finite => [.. ModelNames.All.Where(name => ModelCatalogue.Find(name).Field is not null)];

    [Theory]
    [MemberData(nameof(Finite))]
    public void Field_OfTheCatalogue_IsAsFarAsGradientsReach(string name)
    {
        var field = ModelCatalogue.Find(name).Field!;
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name, Channels = 1 }, seed: 3);
        network.eval();
        using (no_grad())
        {
            // All weights above 0, so that no two ways cancel and no ReLU is shut: the gradient is not 0 wherever there is a way.
            foreach (var parameter in network.parameters())
            {
                var fan = parameter.Dimensions < 2 ? 1 : parameter.numel() / Math.Min(parameter.shape[0], parameter.shape[1]);
                parameter.copy_(rand_like(parameter).add(1).div(2 * fan));
            }
        }
        var (before, after) = (0, 0);
        // Max pooling lets the largest of four pass: values that rise to the right and those that fall show its farthest ways.
        foreach (var slope in new[] { 1, -1 })
        {
            foreach (var (x, first, last) in Seen(network, slope))
                (before, after) = (Math.Max(before, x - first), Math.Max(after, last - x));
        }

        Assert.Equal((field.Before, field.After), (before, after));
    }

    [Fact]
    public void Field_OfFcSiamDiff_Is214PixelsWide_AndReachesFurtherDownThanUp() =>
        Assert.Equal((214, 99, 114), (Field("fc-siam-diff").Side, Field("fc-siam-diff").Before, Field("fc-siam-diff").After));

    [Fact]
    public void Field_OfANetworkWithGlobalPooling_IsNone() => Assert.Null(ModelCatalogue.Find(ModelNames.SnUNet).Field);

    private static ReceptiveField Field(string name) => ModelCatalogue.Find(name).Field!;

    /// <summary>The first and the last column that an output in each column of one cell depends on.</summary>
    private static IEnumerable<(int X, int First, int Last)> Seen(ChangeNetwork network, int slope)
    {
        // Few rows: the way down is the way to the right.
        var ramp = arange(Side, dtype: float32).mul(slope).add(2 * Side).div(Side).reshape(1, 1, 1, Side).expand(1, 1, 16, Side);
        var (one, other) = (ramp.contiguous().requires_grad_(), ramp.mul(2).contiguous().requires_grad_());
        var output = network.call(one, other);
        // The log-odds, which are not flat anywhere.
        var odds = (output.select(1, 1) - output.select(1, 0)).sum(1).flatten();
        for (var x = Centre; x < Centre + ReceptiveField.Period; x++)
        {
            var gradients = autograd.grad([odds[x]], [one, other], retain_graph: true);
            var reached = gradients.Select(gradient => gradient.abs()).Aggregate((a, b) => a + b).sum([0, 1, 2]).nonzero().flatten().data<long>().ToArray();
            yield return (x, (int)reached[0], (int)reached[^1]);
        }
    }
}
