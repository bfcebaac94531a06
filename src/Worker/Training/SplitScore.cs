using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training.Losses;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>Loss and confusion of a network over a split, added up batch by batch: the split's images are never in memory together.</summary>
public sealed class SplitScore(ChangeNetwork network, LossTerm loss, ComputeDevice device)
{
    private double[] _sums = [];

    /// <summary>All labelled pixels so far. As many classes as the network's output; two before the first batch.</summary>
    public ConfusionMatrix Matrix { get; private set; } = new(classes: 2);

    /// <summary>Unlabelled pixels so far: they are in no figure.</summary>
    public long Ignored { get; private set; }

    /// <summary>Pixels so far that were in an earlier sample, and are counted there.</summary>
    public long Repeated { get; private set; }

    /// <summary>The loss of all labelled pixels so far, as if they had been of one batch; 0 before the first.</summary>
    public double Loss
    {
        get
        {
            if (Matrix.Total == 0)
                return 0;
            using var scope = NewDisposeScope();
            return loss.Of(tensor(_sums)).item<double>();
        }
    }

    /// <summary>Scores a batch; the network must be in evaluation mode.</summary>
    /// <param name="seen">Gets what the network made of the whole batch.</param>
    public void Add(Batch batch, Action<ScoredBatch>? seen = null)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var (before, after, changed, labelled) = device.Upload(batch);
        var output = network.call(before, after);
        var classes = (int)output.shape[1];
        var truth = Confusion.Truth(changed, classes, batch);
        var sums = loss.Sums(output, changed, float64, labelled).cpu().data<double>().ToArray();
        var predicted = Confusion.Predict(output);
        var images = Confusion.PerImage(predicted, truth, classes, labelled);
        var all = images.Aggregate((one, other) => one + other);
        Matrix = _sums.Length == 0 ? all : Matrix + all;
        _sums = _sums.Length == 0 ? sums : [.. _sums.Zip(sums, (one, other) => one + other)];
        Ignored += batch.Ignored;
        Repeated += batch.Repeated;
        seen?.Invoke(new ScoredBatch(output, predicted, truth, images, labelled));
    }

    /// <summary>The figures by name below a prefix (<c>val</c>, <c>test</c>), the loss first; those of the change class.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Named(string prefix) => [new($"{prefix}/loss", Loss), .. Matrix.Change.Named(prefix)];
}
