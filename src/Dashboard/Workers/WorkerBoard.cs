using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;

namespace ChangeDetection.Dashboard.Workers;

/// <summary>What the page of workers shows: the living, and those that left or fell silent lately.</summary>
public sealed record WorkerBoard(IReadOnlyList<WorkerRow> Workers);

public sealed record WorkerRow(WorkerRecord Worker, IReadOnlyList<SlotRow> Slots);

/// <param name="Run">What runs on it; null when it is idle.</param>
public sealed record SlotRow(SlotRecord Slot, Run? Run);
