using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>Maps at four scales, each before pooling, and the last one pooled: 16 channels at 1/1 to 128 at 1/8, bottleneck 128 at 1/16.</summary>
internal sealed record FcFeatures(Tensor Level1, Tensor Level2, Tensor Level3, Tensor Level4, Tensor Bottleneck);

/// <summary>The contracting half of the networks of Daudt, Le Saux, Boulch (ICIP 2018): ten units in four levels with 2x2 max pooling.</summary>
internal sealed class FcEncoder
{
    private readonly Unit[][] _levels;

    public FcEncoder(ChangeNetwork network, int channels, double dropout)
    {
        _levels =
        [
            [Unit("11", channels, 16), Unit("12", 16, 16)],
            [Unit("21", 16, 32), Unit("22", 32, 32)],
            [Unit("31", 32, 64), Unit("32", 64, 64), Unit("33", 64, 64)],
            [Unit("41", 64, 128), Unit("42", 128, 128), Unit("43", 128, 128)],
        ];
        Unit Unit(string name, long inputs, long outputs) => new(network, name, new Convolution(inputs, outputs), outputs, dropout);
    }

    /// <summary>What of the input a pixel of a level's map, before pooling, depends on.</summary>
    internal static InputSpan ToInput(InputSpan seen, int level)
    {
        int[] convolutions = [2, 2, 3, 3];
        var entered = seen.Convolutions(convolutions[level]);
        return level == 0 ? entered : ToInput(entered.Pooled(), level - 1);
    }

    public FcFeatures Forward(Tensor image)
    {
        var maps = new Tensor[_levels.Length];
        var x = image;
        for (var i = 0; i < _levels.Length; i++)
        {
            using var scope = NewDisposeScope();
            maps[i] = _levels[i].Aggregate(x, (y, unit) => unit.Forward(y)).MoveToOuterDisposeScope();
            x = functional.max_pool2d(maps[i], 2, 2).MoveToOuterDisposeScope();
        }
        return new FcFeatures(maps[0], maps[1], maps[2], maps[3], x);
    }
}
