using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>Loss and confusion of a network over a split, added up batch by batch: the split's images are never in memory together.</summary>
public sealed class SplitScore(ChangeNetwork network, WeightedLoss loss, ComputeDevice device)
{
    private double _loss;
    private double _weight;

    public ConfusionCounts Counts { get; private set; }

    /// <summary>The weighted loss over all pixels so far.</summary>
    public double Loss => _weight > 0 ? _loss / _weight : 0;

    /// <summary>Scores a batch; the network must be in evaluation mode.</summary>
    /// <param name="seen">Gets the log-probabilities, [N, 2, H, W], of the whole batch.</param>
    public void Add(Batch batch, Action<Tensor>? seen = null)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after, changed) = device.Upload(batch);
        var output = network.call(before, after);
        var (numerator, weight) = loss.Sums(output, changed);
        _loss += numerator;
        _weight += weight;
        Counts += ConfusionCounts.Of(output, changed);
        seen?.Invoke(output);
    }

    /// <summary>The figures by name below a prefix (<c>val</c>, <c>test</c>), the loss first.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Named(string prefix) => [new($"{prefix}/loss", Loss), .. Counts.Named(prefix)];
}
