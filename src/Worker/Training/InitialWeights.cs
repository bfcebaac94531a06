using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary><c>model.init</c>: weights that a run starts from.</summary>
public static class InitialWeights
{
    /// <summary>Loads a safetensors file or one of PyTorch's into the network; every name and shape has to be the network's.</summary>
    /// <exception cref="CheckpointInvalidException">The file is absent, damaged, or of another network; the network is untouched.</exception>
    public static void Load(TrainingState state, string init, ITrainerLink link, CancellationToken cancellationToken)
    {
        if (init == ModelConfig.FreshWeights)
            return;
        var stored = StoredWeights.ReadAsync(Address(init), cancellationToken).Block();
        var notes = stored.File.Notes.ToList();
        var weights = WeightsMatcher.Of(stored.File, state.Network, init, notes);
        Tensors.Write(weights, state.Network.state_dict());
        state.Average?.Restart();
        foreach (var note in notes)
            link.Log(TrainerLogLevel.Info, $"model.init: {note}");
    }

    /// <summary>The file's address. Which checkpoint a run's id means is settled when an experiment is submitted.</summary>
    internal static Uri Address(string init) => Uri.TryCreate(init, UriKind.Absolute, out var address)
        ? address
        : throw new CheckpointInvalidException(init, "model.init is neither the address of a file nor 'default'. Submit the experiment again.");
}
