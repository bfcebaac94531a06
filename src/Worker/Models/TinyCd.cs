using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Convolution = ChangeDetection.Worker.Models.Layers.Convolution;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// TinyCD of Codegoni, Lombardi, Ferrari, "TINYCD: a (not so) deep learning model for change detection" (Neural Computing and Applications 35, 2023): the
/// first four stages of EfficientNet-B4 on either date, masks from both dates' maps at each scale, and a decoder that multiplies with them.
/// Instance norm makes every pixel depend on the whole image. Sides are multiples of 8; others are filled up by repeating the last row and column.
/// The paper starts from ImageNet's weights; here they are drawn, unless <c>model.init</c> gives some.
/// </summary>
public sealed class TinyCd : ChangeNetwork
{
    private const int Multiple = 8;

    /// <summary>EfficientNet-B4's blocks in all, and the share of them left out at the last: the first ones' share grows with their number.</summary>
    private const double Blocks = 32, LeftOutAtLast = 0.2;

    private readonly ModuleList<Module<Tensor, Tensor>> _backbone;
    private readonly MixingMask _first_mix;
    private readonly ModuleList<Module<Tensor, Tensor, Tensor>> _mixing_mask;
    private readonly ModuleList<MaskedUpsampling> _up;
    private readonly PixelPerceptron _classify;

    [Implements(ModelNames.TinyCd)]
    public static NetworkFactory Factory => new(config => new TinyCd(config));

    public TinyCd(ModelConfig config) : base("tinycd", config)
    {
        _backbone = ModuleList<Module<Tensor, Tensor>>(
            MobileBlock.Normalized(new Convolution(config.Channels, 48, hasBias: false, stride: 2), 48, SiLU()),
            Stage(first: 0, count: 2, 48, 24, expansion: 1, kernel: 3, stride: 1),
            Stage(first: 2, count: 4, 24, 32, expansion: 6, kernel: 3, stride: 2),
            Stage(first: 6, count: 4, 32, 56, expansion: 6, kernel: 5, stride: 2));
        _first_mix = new MixingMask(config.Channels, 10, 5, 1);
        _mixing_mask = ModuleList<Module<Tensor, Tensor, Tensor>>(new MixingMask(24, 12, 6, 1), new MixingMask(32, 16, 8, 1), new DateMixing(56));
        _up = ModuleList(new MaskedUpsampling(56, 64), new MaskedUpsampling(64, 64), new MaskedUpsampling(64, 32));
        _classify = new PixelPerceptron(activateLast: false, 32, 16, 8, LogitChannels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var (height, width) = (before.shape[2], before.shape[3]);
        var (a, b) = (Edges.RepeatToMultiple(before, Multiple), Edges.RepeatToMultiple(after, Multiple));
        // At full, half and quarter size: masks; at an eighth: the map that the decoder starts from.
        var mixed = new List<Tensor> { _first_mix.call(a, b) };
        for (var stage = 0; stage < _backbone.Count; stage++)
        {
            (a, b) = (_backbone[stage].call(a), _backbone[stage].call(b));
            if (stage > 0)
                mixed.Add(_mixing_mask[stage - 1].call(a, b));
        }
        var x = mixed[^1];
        for (var step = 0; step < _up.Count; step++)
            x = _up[step].call(x, mixed[^(step + 2)]);
        return OfLogits(_classify.call(x).narrow(2, 0, height).narrow(3, 0, width));
    }

    private static Sequential Stage(int first, int count, long inputs, long outputs, int expansion, int kernel, int stride) =>
        Sequential(Enumerable.Range(0, count).Select(i => new MobileBlock(
            i == 0 ? inputs : outputs, outputs, expansion, kernel, i == 0 ? stride : 1, leftOut: LeftOutAtLast * (first + i) / Blocks))
                .ToArray<Module<Tensor, Tensor>>());
}
