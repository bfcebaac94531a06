using ChangeDetection.Core.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Optimizers;

/// <summary>
/// Adam (Kingma, Ba: Adam, a method for stochastic optimization, 2015) in PyTorch's order of operations. Weight decay is an L2 term of the gradient,
/// or, decoupled, shrinks the weights themselves (Loshchilov, Hutter: Decoupled weight decay regularization, 2019).
/// </summary>
public sealed class Adam : Optimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double _weightDecay;
    private readonly bool _decoupled;
    private readonly IReadOnlyDictionary<string, Tensor> _first;
    private readonly IReadOnlyDictionary<string, Tensor> _second;

    [Implements(OptimizerNames.Adam)]
    public static OptimizerFactory Factory => (network, config) => new Adam(network, config.WeightDecay);

    [Implements(OptimizerNames.AdamW)]
    public static OptimizerFactory Decoupled => (network, config) => new Adam(network, config.WeightDecay, decoupled: true);

    public Adam(nn.Module network, double weightDecay, bool decoupled = false) : base(network)
    {
        (_weightDecay, _decoupled) = (weightDecay, decoupled);
        (_first, _second) = (Track("exp_avg."), Track("exp_avg_sq."));
    }

    protected override void Update(string name, Parameter parameter, Tensor gradient, long step, double learningRate)
    {
        if (_weightDecay != 0 && _decoupled)
            parameter.mul_(1 - learningRate * _weightDecay);
        else if (_weightDecay != 0)
            gradient = gradient.add(parameter, alpha: _weightDecay);
        var (first, second) = (_first[name], _second[name]);
        first.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var denominator = second.sqrt().div_(Math.Sqrt(1 - Math.Pow(Beta2, step))).add_(Epsilon);
        parameter.addcdiv_(first, denominator, -learningRate / (1 - Math.Pow(Beta1, step)));
    }
}
