namespace ChangeDetection.Core.Checkpoints;

/// <summary>An intact checkpoint that belongs to another config or network: going on from it would mix two experiments.</summary>
public sealed class CheckpointMismatchException(string message) : Exception(message);
