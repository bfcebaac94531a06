using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary><c>model.init</c>: weights that a run starts from.</summary>
public static class InitialWeights
{
    /// <summary>
    /// Loads a safetensors file or one of PyTorch's into the network. What is asked for (<see cref="InitialWeightsConfig.Only"/>, else all) has to be there
    /// in the network's shapes; the rest keeps what it has. An event says what was taken and what was not.
    /// </summary>
    /// <exception cref="CheckpointInvalidException">The file is absent, damaged, or of another network; the network is untouched.</exception>
    public static void Load(TrainingState state, InitialWeightsConfig init, ITrainerLink link, CancellationToken cancellationToken)
    {
        if (init.IsFresh)
            return;
        var stored = StoredWeights.ReadAsync(init, cancellationToken).Block();
        var matched = WeightsMatcher.Of(stored.File, state.Network, init.Only, init.From);
        Tensors.Write(matched.Tensors, state.Network.state_dict());
        state.Average?.Restart();
        foreach (var note in stored.File.Notes.Concat(matched.Notes))
            link.Log(TrainerLogLevel.Info, $"model.init: {note}");
        var taken = $"{init.From} with the SHA-256 {stored.Sha256}: {matched.Summary()}";
        link.Log(TrainerLogLevel.Info, $"model.init: {taken}");
        link.Event("initialized", taken);
    }
}
