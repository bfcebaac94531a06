namespace ChangeDetection.Core.Runs;

/// <summary>
/// One value of a named metric (<c>train/loss</c>, <c>val/f1</c>) after <paramref name="Step"/> optimizer steps, in epoch <paramref name="Epoch"/>
/// (from 1).
/// </summary>
public sealed record MetricPoint(string Name, long Step, int Epoch, double Value);
