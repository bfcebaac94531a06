using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// PyTorch's default for convolutions, plain and transposed: weight and bias uniform in ±1/√fan, where fan is the size of a
/// weight's second axis times the kernel's area (Kaiming uniform with a = √5). Draws come from torch's default generator.
/// </summary>
internal static class DefaultInitialization
{
    /// <param name="shape">[first, second, height, width]: second is the input of a convolution and the output of a transposed one.</param>
    public static Tensor Weight(long[] shape)
    {
        var bound = Bound(shape);
        return empty(shape, float32).uniform_(-bound, bound);
    }

    public static Parameter Bias(long channels, long[] weightShape)
    {
        var bound = Bound(weightShape);
        return new Parameter(empty([channels], float32).uniform_(-bound, bound));
    }

    private static double Bound(long[] shape) => 1 / Math.Sqrt(shape[1] * shape[2] * shape[3]);
}
