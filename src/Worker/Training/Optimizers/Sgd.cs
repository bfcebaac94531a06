using ChangeDetection.Core.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum in PyTorch's form, v ← μ v + g, w ← w − lr · v; weight decay is an L2 term of the gradient.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly double _momentum;
    private readonly double _weightDecay;
    private readonly IReadOnlyDictionary<string, Tensor> _velocity;

    [Implements(OptimizerNames.Sgd)]
    public static OptimizerFactory Factory => (network, config) => new Sgd(network, config.Momentum, config.WeightDecay);

    public Sgd(nn.Module network, double momentum, double weightDecay) : base(network)
    {
        (_momentum, _weightDecay) = (momentum, weightDecay);
        _velocity = Track("momentum_buffer.");
    }

    protected override void Update(string name, Parameter parameter, Tensor gradient, long step, double learningRate)
    {
        if (_weightDecay != 0)
            gradient = gradient.add(parameter, alpha: _weightDecay);
        parameter.add_(_velocity[name].mul_(_momentum).add_(gradient), alpha: -learningRate);
    }
}
