using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Convolution, batch norm, ReLU, channel dropout: the unit that the networks of Daudt et al. repeat. Its two modules are registered in the
/// network itself under <c>convNAME</c> and <c>bnNAME</c>, as in the reference's state dictionary.
/// </summary>
internal sealed class Unit
{
    private readonly ChangeNetwork _network;
    private readonly Module<Tensor, Tensor> _convolution;
    private readonly BatchNorm2d _normalization;
    private readonly double _dropout;

    public Unit(ChangeNetwork network, string name, Module<Tensor, Tensor> convolution, long outputs, double dropout)
    {
        _network = network;
        _convolution = convolution;
        _normalization = BatchNorm2d(outputs);
        _dropout = dropout;
        network.register_module($"conv{name}", convolution);
        network.register_module($"bn{name}", _normalization);
    }

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = _normalization.call(_convolution.call(x));
        // The reference drops after the ReLU. A mask is never negative, so before it is the same, and both can be done in place:
        // batch norm's gradient does not need its output, and ReLU's needs only its own.
        if (_network.training && _dropout > 0)
            y = y.mul_(Mask(y.shape[0], y.shape[1], y.device));
        return y.relu_().MoveToOuterDisposeScope();
    }

    /// <summary>[N, C, 1, 1]: 0 with the dropout's probability, else 1 / (1 − p). Drawn as libtorch's own channel dropout draws it.</summary>
    private Tensor Mask(long samples, long channels, Device device)
    {
        using var _ = no_grad();
        return empty([samples, channels, 1, 1], float32, device).bernoulli_(1 - _dropout).div_(1 - _dropout);
    }
}
