using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// A Keras variant of FC-Siam-diff: two towers, each with weights of its own, signed differences as skips, 2x2 kernels, and no nonlinearity but max pooling.
/// Its one output channel is a logit z of change; log σ(−z) and log σ(z) are its two log-probabilities, so that negative log-likelihood is the binary
/// cross-entropy that it was made for. Of more classes it has an output channel each. Sides are multiples of 16; others are filled up by repeating
/// the last row and column. Beside the original: <see cref="ModelConfig.Activation"/> puts a ReLU behind every hidden layer,
/// <see cref="ModelConfig.SharedTowers"/> uses one tower twice.
/// </summary>
public sealed class SiameseFcnn : ChangeNetwork
{
    private const int Multiple = 16;

    private readonly Tower _left;
    private readonly Tower _right;
    private readonly Chain _bottom;
    private readonly Chain[] _up;

    [Implements(ModelNames.SiameseFcnn)]
    public static NetworkFactory Factory => new(config => new SiameseFcnn(config), ReceptiveField.Of(ToInput));

    public SiameseFcnn(ModelConfig config) : base("siamese-fcnn", config)
    {
        var rectify = config.Activation == ActivationNames.Relu;
        _left = new Tower(config.Channels, rectify);
        register_module("left", _left);
        _right = config.SharedTowers ? _left : new Tower(config.Channels, rectify);
        if (!config.SharedTowers)
            register_module("right", _right);
        _bottom = Chain.Of(rectify, Transposed, 128, 128, 128);
        register_module("bottom", _bottom);
        _up =
        [
            Chain.Of(rectify, Transposed, 256, 256, 128, 128, 64, 64, 64),
            Chain.Of(rectify, Transposed, 128, 128, 64, 64, 32, 32, 32),
            Chain.Of(rectify, Transposed, 64, 64, 32, 16, 16, 16),
            Chain.OfLogits(rectify, Transposed, 32, 32, 16, LogitChannels),
        ];
        for (var i = 0; i < _up.Length; i++)
            register_module($"up{_up.Length - 1 - i}", _up[i]);
    }

    /// <summary>What of the input an output pixel depends on. Kernels of two reach to one side alone: towers to the right, the decoder to the left.</summary>
    internal static InputSpan ToInput(InputSpan output) => ToInput(output, 0);

    private static InputSpan ToInput(InputSpan seen, int level)
    {
        int[] decoder = [3, 5, 6, 6];
        var joined = seen.TransposedOfTwo(decoder[level]);
        var below = joined.Doubled();
        return Towers(joined, level).And(level == 3 ? Towers(below.TransposedOfTwo(2).Pooled(), 3) : ToInput(below, level + 1));

        static InputSpan Towers(InputSpan seen, int level)
        {
            int[] layers = [2, 3, 4, 4];
            var entered = seen.ConvolutionsOfTwo(layers[level]);
            return level == 0 ? entered : Towers(entered.Pooled(), level - 1);
        }
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var (height, width) = (before.shape[2], before.shape[3]);
        var left = _left.Forward(Edges.RepeatToMultiple(before, Multiple));
        var right = _right.Forward(Edges.RepeatToMultiple(after, Multiple));
        var x = Upsample(_bottom.call(functional.max_pool2d(left[3], 2, 2)));
        x = _up[0].call(cat([left[3] - right[3], x - right[3]], 1));
        for (var level = 2; level >= 0; level--)
            x = _up[3 - level].call(cat([Upsample(x), left[level] - right[level]], 1));
        return OfLogits(x.narrow(2, 0, height).narrow(3, 0, width));
    }

    private static SameTransposedConvolution Transposed(long inputs, long outputs) => new(inputs, outputs);

    private static Tensor Upsample(Tensor x) => functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);

    /// <summary>Four levels of convolutions with 2x2 max pooling between them.</summary>
    private sealed class Tower : Module<Tensor, Tensor>
    {
        private readonly Chain[] _levels;

        public Tower(int channels, bool rectify) : base(nameof(Tower))
        {
            _levels =
            [
                Chain.Of(rectify, Plain, channels, 16, 16),
                Chain.Of(rectify, Plain, 16, 16, 32, 32),
                Chain.Of(rectify, Plain, 32, 32, 64, 64, 64),
                Chain.Of(rectify, Plain, 64, 64, 128, 128, 128),
            ];
            for (var level = 0; level < _levels.Length; level++)
                register_module($"level{level}", _levels[level]);
        }

        /// <summary>The map of each level, before it is pooled.</summary>
        public Tensor[] Forward(Tensor image)
        {
            var maps = new Tensor[_levels.Length];
            for (var level = 0; level < maps.Length; level++)
                maps[level] = _levels[level].call(level == 0 ? image : functional.max_pool2d(maps[level - 1], 2, 2));
            return maps;
        }

        public override Tensor forward(Tensor image) => Forward(image)[^1];

        private static SameConvolution Plain(long inputs, long outputs) => new(inputs, outputs);
    }
}
