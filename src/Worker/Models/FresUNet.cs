using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// FresUNet of Daudt, Le Saux, Boulch, Gousseau, "Multitask learning for large-scale semantic change detection" (CVIU 2019): early fusion in a U of
/// residual blocks, 8 channels wide at full size.
/// </summary>
public sealed class FresUNet : ChangeNetwork
{
    private const int Base = 8;
    private const int Levels = 4;

    private readonly ResidualBlock[] _encode = new ResidualBlock[Levels];
    private readonly ResidualBlock[] _shrink = new ResidualBlock[Levels];
    private readonly ResidualBlock[] _decode = new ResidualBlock[Levels];
    private readonly ResidualUpsampling[] _grow = new ResidualUpsampling[Levels];
    private readonly Convolution _coupling;

    [Implements(ModelNames.FresUNet)]
    public static NetworkFactory Factory => new(config => new FresUNet(config), ReceptiveField.Of(ToInput));

    public FresUNet(ModelConfig config) : base("fresunet", config)
    {
        for (var level = 0; level < Levels; level++)
        {
            var width = Base << level;
            register_module($"encres{level + 1}_1", _encode[level] = new ResidualBlock(level == 0 ? 2 * config.Channels : width, width));
            register_module($"encres{level + 1}_2", _shrink[level] = new ResidualBlock(width, 2 * width, pool: true));
        }
        for (var level = Levels - 1; level >= 0; level--)
        {
            var width = 2 * (Base << level);
            register_module($"decres{level + 1}_1", _decode[level] = new ResidualBlock(level == Levels - 1 ? width : 2 * width, width));
            register_module($"decres{level + 1}_2", _grow[level] = new ResidualUpsampling(width, width / 2));
        }
        register_module("coupling", _coupling = new Convolution(2 * Base, config.Classes, kernel: 1));
    }

    /// <summary>What of the input an output pixel depends on; shortcuts see less than the two convolutions beside them.</summary>
    internal static InputSpan ToInput(InputSpan output) => ToInput(output, 0);

    private static InputSpan ToInput(InputSpan joined, int level)
    {
        var below = joined.Convolutions(1).UpsampledByThree().Convolutions(2);
        return Skip(joined, level).And(level == Levels - 1 ? Skip(Shrunk(below), level) : ToInput(below, level + 1));

        static InputSpan Shrunk(InputSpan seen) => seen.Convolutions(1).Pooled().Convolutions(1);

        static InputSpan Skip(InputSpan seen, int level) => level == 0 ? seen.Convolutions(2) : Skip(Shrunk(seen.Convolutions(2)), level - 1);
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var skips = new Tensor[Levels];
        var x = cat([before, after], 1);
        for (var level = 0; level < Levels; level++)
        {
            skips[level] = _encode[level].call(x);
            x = _shrink[level].call(skips[level]);
        }
        for (var level = Levels - 1; level >= 0; level--)
        {
            using var scope = NewDisposeScope();
            var grown = _grow[level].call(_decode[level].call(x));
            x = cat([Edges.RepeatTo(grown, skips[level].shape[2], skips[level].shape[3]), skips[level]], 1).MoveToOuterDisposeScope();
        }
        return functional.log_softmax(_coupling.call(x), 1);
    }
}
