using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>2x2 convolution that keeps the size as Keras's <c>same</c> does: a row of zeros below and a column to the right. Weight [out, in, 2, 2].</summary>
internal sealed class SameConvolution(long inputs, long outputs)
    : ConvolutionLayer(nameof(SameConvolution), [outputs, inputs, 2, 2], outputs, ChannelsLast.Of)
{
    public override Tensor forward(Tensor x) => functional.conv2d(functional.pad(x, [0, 1, 0, 1]), weight, bias);
}

/// <summary>
/// 2x2 transposed convolution of stride 1 that keeps the size as Keras's <c>same</c> does: its last row and column are cut off. Weight [in, out, 2, 2].
/// Computed as the equal convolution: flipped kernel, exchanged channel axes, zeros above and to the left.
/// </summary>
internal sealed class SameTransposedConvolution(long inputs, long outputs)
    : ConvolutionLayer(nameof(SameTransposedConvolution), [inputs, outputs, 2, 2], outputs, ChannelsLast.OfTransposed)
{
    public override bool IsTransposed => true;

    public override Tensor forward(Tensor x) =>
        functional.conv2d(functional.pad(x, [1, 0, 1, 0]), weight.flip(2, 3).transpose(0, 1), bias);
}
