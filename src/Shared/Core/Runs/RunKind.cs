namespace ChangeDetection.Core.Runs;

/// <summary>What a run does.</summary>
public enum RunKind { Train, Evaluate, Predict, Import }
