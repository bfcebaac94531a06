using ChangeDetection.Worker.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Models;

[Collection(TorchCollection.Name)]
public sealed class ConvolutionLayerTests
{
    private static readonly Dictionary<string, Func<ConvolutionLayer>> s_layers = new()
    {
        [nameof(Convolution)] = () => new Convolution(2, 2),
        [nameof(SameConvolution)] = () => new SameConvolution(2, 2),
        [nameof(SameTransposedConvolution)] = () => new SameTransposedConvolution(2, 2),
        [nameof(TransposedConvolution)] = () => new TransposedConvolution(2, 2),
        [nameof(Upsampling)] = () => new Upsampling(2, 2),
        [nameof(DoublingConvolution)] = () => new DoublingConvolution(2),
    };

    public static TheoryData<string> Layers => [.. s_layers.Keys];

    /// <summary>
    /// A module that moves gets new tensors. A layer that kept its old ones would compute on the wrong device, or with weights that no longer learn.
    /// </summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void Forward_AfterTheLayerMoved_ComputesWithTheRegisteredTensors(string name)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        using var layer = s_layers[name]();
        layer.to(float64);
        Assert.Equal(["bias", "weight"], layer.named_parameters().Select(named => named.name).Order(StringComparer.Ordinal));

        foreach (var (_, parameter) in layer.named_parameters())
            parameter.zero_();

        Assert.Equal(0, layer.call(ones([1, 2, 8, 8], float64)).abs().max().item<double>());
    }

    [Fact]
    public void Parameters_OfALayerWithoutBias_AreTheWeight()
    {
        using var scope = NewDisposeScope();
        using var layer = new Convolution(2, 2, hasBias: false);
        Assert.Equal("weight", Assert.Single(layer.named_parameters()).name);
    }
}
