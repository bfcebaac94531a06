using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// The expanding half of the networks of Daudt, Le Saux, Boulch (ICIP 2018): at each level upsample, fit to the skip's size,
/// append the skip, and convolve (transposed, stride 1).
/// </summary>
internal sealed class FcDecoder
{
    private readonly Upsampling[] _up;
    private readonly Unit[][] _units;
    private readonly TransposedConvolution _last;

    /// <param name="network">The network that the modules are registered in.</param>
    /// <param name="skips">Maps appended at each level: 1 for a difference, 2 for both dates.</param>
    /// <param name="dropout">Probability of dropping a channel.</param>
    public FcDecoder(ChangeNetwork network, int skips, double dropout)
    {
        var width = 1 + skips;
        var up4 = Up("upconv4", 128);
        Unit[] level4 = [Unit("43d", width * 128, 128), Unit("42d", 128, 128), Unit("41d", 128, 64)];
        var up3 = Up("upconv3", 64);
        Unit[] level3 = [Unit("33d", width * 64, 64), Unit("32d", 64, 64), Unit("31d", 64, 32)];
        var up2 = Up("upconv2", 32);
        Unit[] level2 = [Unit("22d", width * 32, 32), Unit("21d", 32, 16)];
        var up1 = Up("upconv1", 16);
        Unit[] level1 = [Unit("12d", width * 16, 16)];
        _up = [up4, up3, up2, up1];
        _units = [level4, level3, level2, level1];
        _last = new TransposedConvolution(16, network.Classes);
        network.register_module("conv11d", _last);

        Upsampling Up(string name, long channels)
        {
            var up = new Upsampling(channels, channels);
            network.register_module(name, up);
            return up;
        }

        Unit Unit(string name, long inputs, long outputs) => new(network, name, new TransposedConvolution(inputs, outputs), outputs, dropout);
    }

    /// <summary>What of the input an output pixel depends on: at each level the skip's way through the encoder, and the way through the level below.</summary>
    internal static InputSpan ToInput(InputSpan output) => ToInput(output, 0);

    private static InputSpan ToInput(InputSpan seen, int level)
    {
        int[] convolutions = [2, 2, 3, 3];
        var joined = seen.Convolutions(convolutions[level]);
        var below = joined.UpsampledByThree();
        return FcEncoder.ToInput(joined, level).And(level == 3 ? FcEncoder.ToInput(below.Pooled(), 3) : ToInput(below, level + 1));
    }

    /// <param name="bottleneck">[N, 128, H/16, W/16].</param>
    /// <param name="skips">For each level, from the deepest, the maps to append, in this order.</param>
    /// <returns>Log-probabilities [N, K, H, W].</returns>
    public Tensor Forward(Tensor bottleneck, params ReadOnlySpan<Tensor[]> skips)
    {
        var x = bottleneck;
        for (var level = 0; level < _up.Length; level++)
        {
            using var scope = NewDisposeScope();
            var fitted = Edges.RepeatTo(_up[level].call(x), skips[level][0].shape[2], skips[level][0].shape[3]);
            x = _units[level].Aggregate(cat([fitted, .. skips[level]], 1), (y, unit) => unit.Forward(y)).MoveToOuterDisposeScope();
        }
        return functional.log_softmax(_last.call(x), 1);
    }
}
