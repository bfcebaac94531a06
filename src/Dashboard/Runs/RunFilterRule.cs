using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>Which runs a filter shows.</summary>
public static class RunFilterRule
{
    /// <summary>Whether a run is in the state and has every word somewhere in what is known of it.</summary>
    public static bool Matches(Experiment experiment, RunRow row, RunState? state, string? text) =>
        (state is null || row.Run.State == state)
        && (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Texts(experiment, row).Any(
            known => known?.Contains(word, StringComparison.OrdinalIgnoreCase) is true));

    private static IEnumerable<string?> Texts(Experiment experiment, RunRow row) =>
    [
        row.Run.Name, row.Run.Id.ToString(), row.Run.Kind.ToString(), row.Run.Reason, row.Host, row.Run.Slot,
        experiment.Name, experiment.Id.ToString(),
    ];
}
