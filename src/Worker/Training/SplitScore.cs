using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>Loss and confusion of a network over a split, added up batch by batch: the split's images are never in memory together.</summary>
public sealed class SplitScore(ChangeNetwork network, LossTerm loss, ComputeDevice device)
{
    private double[] _sums = [];

    public ConfusionCounts Counts { get; private set; }

    /// <summary>The loss of all samples so far, as if they had been one batch; 0 before the first.</summary>
    public double Loss
    {
        get
        {
            if (_sums.Length == 0)
                return 0;
            using var scope = NewDisposeScope();
            return loss.Of(tensor(_sums)).item<double>();
        }
    }

    /// <summary>Scores a batch; the network must be in evaluation mode.</summary>
    /// <param name="seen">Gets the log-probabilities, [N, 2, H, W], of the whole batch.</param>
    public void Add(Batch batch, Action<Tensor>? seen = null)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after, changed) = device.Upload(batch);
        var output = network.call(before, after);
        var sums = loss.Sums(output, changed, float64).cpu().data<double>().ToArray();
        _sums = _sums.Length == 0 ? sums : [.. _sums.Zip(sums, (one, other) => one + other)];
        Counts += ConfusionCounts.Of(output, changed);
        seen?.Invoke(output);
    }

    /// <summary>The figures by name below a prefix (<c>val</c>, <c>test</c>), the loss first.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Named(string prefix) => [new($"{prefix}/loss", Loss), .. Counts.Named(prefix)];
}
