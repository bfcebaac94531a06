using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// A layer of one kernel, plain or transposed: a weight and a bias under the reference's names, drawn one after the other as PyTorch draws them
/// (<see cref="DefaultInitialization"/>), the weight in the memory order that its computation is fastest in.
/// </summary>
internal abstract class ConvolutionLayer : Module<Tensor, Tensor>
{
    // Not private: TorchSharp finds the tensors to register, and those to replace when a module moves to a device, among the fields that reflection
    // shows of the outermost class, and a base class's private ones are not among them.
    protected readonly Parameter weight;
    protected readonly Parameter? bias;

    /// <param name="shape">Of the weight: [out, in, height, width]; of a transposed convolution [in, out, height, width].</param>
    /// <param name="biases">Channels out; null for a layer without bias.</param>
    /// <param name="order">Puts the weight into its memory order, the same values.</param>
    protected ConvolutionLayer(string name, long[] shape, long? biases, Func<Tensor, Tensor> order) : base(name)
    {
        weight = new Parameter(order(DefaultInitialization.Weight(shape)));
        if (biases is { } channels)
            bias = DefaultInitialization.Bias(channels, shape);
        RegisterComponents();
    }

    /// <summary>The weight, to be counted.</summary>
    public Tensor Weight => weight;

    /// <summary>Whether each value of the input, rather than of the output, meets each weight of its channel once.</summary>
    public virtual bool IsTransposed => false;
}
