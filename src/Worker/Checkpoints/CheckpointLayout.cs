namespace ChangeDetection.Worker.Checkpoints;

/// <summary>
/// The tensors that a checkpoint has to hold for a run to go on from it: by name, type and shape as <see cref="Tensors.Layout"/> writes them.
/// </summary>
/// <param name="Weights">Of the network.</param>
/// <param name="Optimizer">Kept beside the weights.</param>
public sealed record CheckpointLayout(IReadOnlyDictionary<string, string> Weights, IReadOnlyDictionary<string, string> Optimizer);
