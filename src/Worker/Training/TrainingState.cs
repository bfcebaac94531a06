using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training.Optimizers;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Everything that the rest of a training run depends on, beside its config. What is not here must be a pure function of the config and of the
/// numbers here: that is what makes a resumed run end in the same bits.
/// </summary>
public sealed class TrainingState(ChangeNetwork network, Optimizer optimizer, WeightAverage? average = null)
{
    public ChangeNetwork Network { get; } = network;

    public Optimizer Optimizer { get; } = optimizer;

    /// <summary>The average that is validated and kept in place of the weights; null for none.</summary>
    public WeightAverage? Average { get; } = average;

    /// <summary>Completed epochs, and so the number of the current one from 0: what all that is drawn is a function of.</summary>
    public int Epoch { get; private set; }

    /// <inheritdoc cref="ChangeDetection.Core.Checkpoints.EpochNumber"/>
    public int EpochNumber => ChangeDetection.Core.Checkpoints.EpochNumber.Of(Epoch, Position);

    /// <summary>Optimizer steps since the beginning.</summary>
    public long Step { get; private set; }

    /// <summary>Samples of the current epoch that are done.</summary>
    public int Position { get; private set; }

    /// <summary>
    /// Mean loss of the current epoch's steps so far. Each step weighs alike, however many of its pixels have a label; a step whose pixels are all unlabelled
    /// has no loss and is left out. 0 before the first that has one.
    /// </summary>
    public double MeanLoss => _lossSteps == 0 ? 0 : _lossSum / _lossSteps;

    public BestSoFar? Best { get; set; }

    /// <summary>Behind this prefix the checkpoint keeps the network's own weights, where its weights are an average.</summary>
    private const string OwnWeights = "own.";

    private double _lossSum;
    private int _lossSteps;

    /// <summary>Counts a step of so many samples.</summary>
    /// <param name="loss">Of the step; null where no pixel of it had a label.</param>
    public void Advance(int samples, double? loss)
    {
        Step++;
        Position += samples;
        if (loss is not { } value)
            return;
        _lossSum += value;
        _lossSteps++;
    }

    public void NextEpoch()
    {
        Epoch++;
        Position = 0;
        _lossSum = 0;
        _lossSteps = 0;
    }

    /// <summary>A copy of the whole state.</summary>
    /// <exception cref="DivergedException">A weight is not finite: such a state is not worth keeping, and must not replace a good one.</exception>
    public CheckpointContents Capture()
    {
        var weights = Kept().Select(named => Tensors.Read(named.Key, named.Value)).ToList();
        if (weights.FirstOrDefault(tensor => TensorValues.FirstNotFinite(tensor) is not null) is { } damaged)
            throw new DivergedException($"Tensor '{damaged.Name}' has values that are not finite", EpochNumber, Step);
        return new CheckpointContents
        {
            Epoch = Epoch,
            Step = Step,
            Position = Position,
            State = new RunningState(_lossSum, _lossSteps, Best),
            Weights = weights,
            Optimizer = [.. Beside().Select(named => Tensors.Read(named.Key, named.Value))],
        };
    }

    /// <summary>Takes over a state that has been verified in full.</summary>
    public void Restore(CheckpointContents contents)
    {
        Epoch = contents.Epoch;
        Step = contents.Step;
        Position = contents.Position;
        (_lossSum, _lossSteps, Best) = contents.State;
        Tensors.Write(contents.Weights, Kept());
        Tensors.Write(contents.Optimizer, Beside());
    }

    /// <summary>What a checkpoint must hold for this state to be restored from it.</summary>
    public CheckpointLayout Layout() => new(Tensors.Layouts(Network.state_dict()), Tensors.Layouts(Beside()));

    /// <summary>The tensors that the checkpoint's weights are: those to compute with.</summary>
    private IReadOnlyDictionary<string, Tensor> Kept() => Average?.State ?? Network.state_dict();

    /// <summary>The tensors that a checkpoint keeps beside the weights, to go on from.</summary>
    private IReadOnlyDictionary<string, Tensor> Beside()
    {
        var beside = Optimizer.State().ToDictionary(state => state.Name, state => state.Tensor);
        if (Average is not null)
        {
            foreach (var (name, tensor) in Network.state_dict())
                beside[OwnWeights + name] = tensor;
        }
        return beside;
    }
}
