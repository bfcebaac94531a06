using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// The memory order in which CPU and GPU convolutions are fastest: values of one pixel side by side. libtorch follows the order of
/// its inputs, so that it has to be set only where tensors enter: at the weights here, at the images by their interleaved rows.
/// </summary>
public static class ChannelsLast
{
    /// <summary>The same values, [A, B, H, W], in the memory order A, H, W, B.</summary>
    public static Tensor Of(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>
    /// A transposed convolution's weight, [in, out, H, W], in the memory order out, H, W, in: its first two axes exchanged,
    /// it is the channels-last weight of the equal convolution.
    /// </summary>
    public static Tensor OfTransposed(Tensor weight) => weight.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2);
}
