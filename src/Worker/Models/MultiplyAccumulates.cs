using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// What a network's convolutions multiply and add, counted on one pair of images and given per pixel of it. Only convolutions are counted, as is usual:
/// normalization, activations, pooling and interpolation are a few hundredths beside them.
/// </summary>
public static class MultiplyAccumulates
{
    /// <summary>A side that every network halves without a rest.</summary>
    private const int Side = 64;

    /// <summary>By the name of the layer; a layer that either date goes through counts twice.</summary>
    public static IReadOnlyDictionary<string, double> PerPixel(ChangeNetwork network)
    {
        var counts = new Dictionary<string, double>();
        var hooks = new List<HookableModule<Func<Module<Tensor, Tensor>, Tensor, Tensor>, Func<Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.HookRemover>();
        foreach (var (name, module) in network.named_modules())
        {
            if (module is ConvolutionLayer layer)
            {
                hooks.Add(layer.register_forward_hook((_, input, output) =>
                {
                    // Every value of a convolution's output, and of a transposed one's input, meets each weight of its channel once.
                    var met = layer.IsTransposed ? input : output;
                    counts[name] = counts.GetValueOrDefault(name) + (double)met.numel() * (layer.Weight.numel() / layer.Weight.shape[0]) / (Side * Side);
                    return output;
                }));
            }
        }
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var before = zeros(1, network.Channels, Side, Side);
        network.eval();
        network.call(before, before);
        hooks.ForEach(hook => hook.remove());
        return counts;
    }
}
