using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// An exponential moving average of a network's weights and running statistics (Polyak, Juditsky: Acceleration of stochastic approximation by averaging,
/// 1992). It is what is validated, kept and predicted with; training goes on from the network's own weights.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private readonly Dictionary<string, Tensor> _network;
    private readonly double _decay;

    public WeightAverage(ChangeNetwork network, double decay)
    {
        (_network, _decay) = (network.state_dict(), decay);
        using var unrecorded = no_grad();
        State = _network.ToDictionary(named => named.Key, named => named.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>Of every parameter and buffer; counters are the network's own.</summary>
    internal IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Begins anew from the network's values of now.</summary>
    public void Restart()
    {
        using var unrecorded = no_grad();
        foreach (var (name, average) in State)
            average.copy_(_network[name]);
    }

    /// <summary>Takes in the weights after an update. The first ones weigh more, so that the initial weights are soon forgotten.</summary>
    /// <param name="step">Number of the update, from 1.</param>
    public void Update(long step)
    {
        using var unrecorded = no_grad();
        var keep = Math.Min(_decay, (1.0 + step) / (10.0 + step));
        foreach (var (name, average) in State)
        {
            if (average.is_floating_point())
                average.mul_(keep).add_(_network[name], alpha: 1 - keep);
            else
                average.copy_(_network[name]);
        }
    }

    /// <summary>Exchanges the network's values with these; a second call puts them back.</summary>
    public void Exchange()
    {
        using var unrecorded = no_grad();
        foreach (var (name, average) in State)
        {
            using var kept = average.clone();
            average.copy_(_network[name]);
            _network[name].copy_(kept);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in State.Values)
            tensor.Dispose();
    }
}
