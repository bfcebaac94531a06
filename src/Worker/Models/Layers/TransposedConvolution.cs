using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// 3x3 transposed convolution, padding 1, stride 1, bias: [N, in, H, W] to [N, out, H, W]. The stored weight is [in, out, 3, 3], as in the
/// reference. It is computed as the equal convolution, whose weight is flipped in both directions with its first axes exchanged:
/// libtorch's kernels for that are about a sixth faster over a whole step.
/// </summary>
internal sealed class TransposedConvolution(long inputs, long outputs)
    : ConvolutionLayer(nameof(TransposedConvolution), [inputs, outputs, 3, 3], outputs, ChannelsLast.OfTransposed)
{
    public override bool IsTransposed => true;

    public override Tensor forward(Tensor x) => functional.conv2d(x, weight.flip(2, 3).transpose(0, 1), bias, padding: [1, 1]);
}

/// <summary>3x3 transposed convolution, stride 2, padding 1, output padding 1, bias: [N, in, H, W] to [N, out, 2H, 2W]. Weight [in, out, 3, 3].</summary>
internal sealed class Upsampling(long inputs, long outputs)
    : ConvolutionLayer(nameof(Upsampling), [inputs, outputs, 3, 3], outputs, ChannelsLast.Of)
{
    public override bool IsTransposed => true;

    public override Tensor forward(Tensor x) =>
        functional.conv_transpose2d(x, weight, bias, strides: [2, 2], padding: [1, 1], output_padding: [1, 1]);
}

/// <summary>2x2 transposed convolution of stride 2, bias: [N, C, H, W] to [N, C, 2H, 2W]. Weight [C, C, 2, 2].</summary>
internal sealed class DoublingConvolution(long channels)
    : ConvolutionLayer(nameof(DoublingConvolution), [channels, channels, 2, 2], channels, ChannelsLast.Of)
{
    public override bool IsTransposed => true;

    public override Tensor forward(Tensor x) => functional.conv_transpose2d(x, weight, bias, strides: [2, 2]);
}
