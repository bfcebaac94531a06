using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// A run that makes a checkpoint of a file from elsewhere: read, compared with the network, published the way training publishes, and read back.
/// The file is <c>model.init</c> of its config.
/// </summary>
public sealed class WeightsImport(
    TrainerAssignment assignment, ChangeNetwork network, CheckpointOwner owner, IObjectStore store, ITrainerLink link, TimeProvider time)
{
    private static readonly IReadOnlyDictionary<string, double> s_none = new Dictionary<string, double>();
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs on the compute thread. An earlier attempt's checkpoint is the result, where it is intact.</summary>
    /// <exception cref="CheckpointInvalidException">The file is absent, damaged, hostile, or of another network.</exception>
    /// <exception cref="CheckpointsFailedException">The store would not take the checkpoint.</exception>
    public TrainerOutcome Import(CancellationToken cancellationToken)
    {
        if (IsDone(cancellationToken))
            return new TrainerOutcome(TrainerEnd.Succeeded);
        var source = assignment.Config.Model.Init;
        var file = StoredWeights.ReadAsync(source, cancellationToken).Block();
        var matched = WeightsMatcher.Of(file.File, network, only: [], Path.GetFileName(StoredWeights.Address(source).LocalPath));
        link.Event("imported", $"{matched.Tensors.Count} tensors of a file with the SHA-256 {file.Sha256}.");
        foreach (var note in file.File.Notes.Concat(matched.Notes))
            link.Event("import-note", note);
        // What the file was trained on goes on with it, whatever was said of the rest.
        var kept = file.File.Meaning is { } meaning && meaning.Network == owner.Model ? owner with { Pixels = meaning.Pixels, Mask = meaning.Mask } : owner;
        Publish(matched.Tensors, kept, cancellationToken);
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    /// <summary>Whether an attempt before this one got as far as the row.</summary>
    private bool IsDone(CancellationToken cancellationToken)
    {
        foreach (var reference in assignment.Checkpoints)
        {
            try
            {
                new CheckpointReader(store).ReadWeightsAsync(reference, network, owner.Model, cancellationToken).Block();
                return true;
            }
            catch (CheckpointInvalidException exception)
            {
                link.CheckpointDamaged(reference.Prefix, exception.Message);
            }
        }
        return false;
    }

    private void Publish(IReadOnlyList<TensorData> weights, CheckpointOwner kept, CancellationToken cancellationToken)
    {
        var contents = new CheckpointContents { Epoch = 0, Step = 0, Position = 0, State = new RunningState(0, 0, null), Weights = weights, Optimizer = [] };
        var publisher = new CheckpointPublisher(new CheckpointWriter(store, kept, time), link);
        CheckpointRecord? published;
        while ((published = publisher.TryPublish(contents, best: true, s_none, cancellationToken)) is null)
            Task.Delay(s_retryDelay, time, cancellationToken).GetAwaiter().GetResult();
        new CheckpointReader(store).ReadWeightsAsync(published.Reference, network, owner.Model, cancellationToken).Block();
    }
}
