using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Optimizers;

/// <summary>
/// Updates a network's parameters from their gradients. Its own, and not TorchSharp's, because every bit of its state has to go through a checkpoint.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = [];

    protected Optimizer(nn.Module network) =>
        Parameters = [.. network.named_parameters().OrderBy(named => named.name, StringComparer.Ordinal)];

    /// <summary>In an order of their names, so that sums over them have the same bits whatever order a network made them in.</summary>
    protected IReadOnlyList<(string name, Parameter parameter)> Parameters { get; }

    /// <summary>Updates every parameter from its gradient, and drops the gradient.</summary>
    /// <param name="step">Number of this update, from 1.</param>
    public void Step(long step, double learningRate)
    {
        using var unrecorded = no_grad();
        foreach (var (name, parameter) in Parameters)
        {
            using var scope = NewDisposeScope();
            Update(name, parameter, Gradient(name, parameter), step, learningRate);
            parameter.grad = null;
        }
    }

    /// <summary>
    /// Scales all gradients so that their norm, taken over all parameters together, is at most this (Pascanu, Mikolov, Bengio: On the difficulty of
    /// training recurrent neural networks, ICML 2013). The scale stays on the device: nothing is waited for.
    /// </summary>
    public void ClipGradients(double norm)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var squares = Parameters.Select(named => Gradient(named.name, named.parameter).square().sum(float64)).ToArray();
        var scale = (norm / (stack(squares).sum().sqrt() + 1e-6)).clamp_max(1).to(float32);
        foreach (var (name, parameter) in Parameters)
            Gradient(name, parameter).mul_(scale);
    }

    /// <summary>Name and tensor of all that a resume needs.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State() => _state.Select(state => (state.Key, state.Value));

    public void Dispose()
    {
        foreach (var tensor in _state.Values)
            tensor.Dispose();
    }

    /// <summary>Updates one parameter; runs in a dispose scope and records no gradient.</summary>
    protected abstract void Update(string name, Parameter parameter, Tensor gradient, long step, double learningRate);

    /// <summary>
    /// A tensor of zeros for each parameter, kept in checkpoints. In a parameter's own memory order, before and after a resume: the order decides which
    /// loop an update takes, and that its last bit.
    /// </summary>
    protected IReadOnlyDictionary<string, Tensor> Track(string prefix)
    {
        var tracked = new Dictionary<string, Tensor>();
        foreach (var (name, parameter) in Parameters)
        {
            using var values = parameter.detach();
            _state[prefix + name] = tracked[name] = zeros_like(values).DetachFromDisposeScope();
        }
        return tracked;
    }

    private static Tensor Gradient(string name, Parameter parameter) =>
        parameter.grad ?? throw new InvalidOperationException($"Parameter '{name}' has no gradient: the network does not use it.");
}
