using ChangeDetection.Checkpoints;
using ChangeDetection.Worker.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Adam (Kingma, Ba: Adam, a method for stochastic optimization, 2015) with weight decay as an L2 term of the gradient, in PyTorch's order of operations.
/// Its own, and not TorchSharp's, because every bit of its state has to go through a checkpoint.
/// </summary>
public sealed class Adam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private const string FirstMoment = "exp_avg.";
    private const string SecondMoment = "exp_avg_sq.";

    private readonly double _weightDecay;
    private readonly IReadOnlyList<Moments> _moments;

    private sealed record Moments(string Name, Parameter Parameter, Tensor First, Tensor Second);

    public Adam(nn.Module network, double weightDecay)
    {
        _weightDecay = weightDecay;
        // In a parameter's own memory order, before and after a resume: the order decides which loop an update takes, and that its last bit.
        _moments = [.. network.named_parameters().OrderBy(named => named.name, StringComparer.Ordinal).Select(named => new Moments(
            named.name, named.parameter, Zeros(named.parameter), Zeros(named.parameter)))];
    }

    private static Tensor Zeros(Parameter parameter)
    {
        using var values = parameter.detach();
        return zeros_like(values).DetachFromDisposeScope();
    }

    /// <summary>Updates every parameter from its gradient, and drops the gradient.</summary>
    /// <param name="step">Number of this update, from 1.</param>
    public void Step(long step, double learningRate)
    {
        using var unrecorded = no_grad();
        var firstCorrection = 1 - Math.Pow(Beta1, step);
        var secondCorrection = Math.Sqrt(1 - Math.Pow(Beta2, step));
        foreach (var (name, parameter, first, second) in _moments)
        {
            using var scope = NewDisposeScope();
            var gradient = parameter.grad ?? throw new InvalidOperationException($"Parameter '{name}' has no gradient: the network does not use it.");
            if (_weightDecay != 0)
                gradient = gradient.add(parameter, alpha: _weightDecay);
            first.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            var denominator = second.sqrt().div_(secondCorrection).add_(Epsilon);
            parameter.addcdiv_(first, denominator, -learningRate / firstCorrection);
            parameter.grad = null;
        }
    }

    /// <summary>Both moments of every parameter.</summary>
    public IEnumerable<TensorData> Read() => State().Select(state => Tensors.Read(state.Name, state.Tensor));

    /// <summary>Name and tensor of every moment; <see cref="Read"/> reads them, a resume writes into them.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State()
        => _moments.SelectMany(moments => new[] { (FirstMoment + moments.Name, moments.First), (SecondMoment + moments.Name, moments.Second) });

    public void Dispose()
    {
        foreach (var moments in _moments)
        {
            moments.First.Dispose();
            moments.Second.Dispose();
        }
    }
}
