using System.Globalization;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Says when a run is worth a line: when its state or epoch changed, else every so often while it moves.</summary>
internal sealed class RunProgressLines(TimeSpan quiet, TimeProvider time)
{
    private readonly Dictionary<Guid, (string Mark, long? Step, long At)> _said = [];

    /// <summary>The line for this look at the run; null when there is nothing new to say.</summary>
    /// <param name="among">The runs that are followed: where one waits for another, it is called by its name.</param>
    public string? Next(RunDocument run, IReadOnlyList<RunDocument> among)
    {
        var mark = $"{Stand(run)} {run.Reason} {run.Attempt} {run.Epoch}";
        if (_said.TryGetValue(run.Id, out var last) && last.Mark == mark && (last.Step == run.Step || time.GetElapsedTime(last.At) < quiet))
            return null;
        _said[run.Id] = (mark, run.Step, time.GetTimestamp());
        return Describe(run, among);
    }

    /// <inheritdoc cref="Next"/>
    public static string Describe(RunDocument run, IReadOnlyList<RunDocument>? among = null)
    {
        var parts = new List<string> { run.Name, Stand(run) };
        if (run.Reason is { } reason)
            parts.Add($"({TextTable.FirstLine(Named(reason, among ?? []))})");
        if (run.State is RunState.Running && run.TotalSteps > 0)
        {
            parts.Add(run.Kind is RunKind.Predict
                ? string.Create(CultureInfo.InvariantCulture, $"{run.Progress * 100:0} %  strip {run.Step}/{run.TotalSteps}")
                : string.Create(CultureInfo.InvariantCulture, $"{run.Progress * 100:0} %  epoch {run.Epoch}  step {run.Step}/{run.TotalSteps}"));
            if (run.EtaSeconds is { } eta)
                parts.Add($"ETA {Durations.Short(TimeSpan.FromSeconds(eta))}");
        }
        foreach (var name in new[] { "train/loss", "val/f1", "test/f1" })
        {
            if (run.Metrics.TryGetValue(name, out var value))
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####}"));
        }
        if (LoaderLines.Advice(run) is { } advice)
            parts.Add(advice);
        return string.Join("  ", parts);
    }

    private static string Named(string reason, IReadOnlyList<RunDocument> among) =>
        among.Aggregate(reason, (text, run) => text.Replace(run.Id.ToString(), run.Name, StringComparison.Ordinal));

    /// <summary>The state, or what a wish is about to make of it.</summary>
    private static string Stand(RunDocument run) => run switch
    {
        { State: RunState.Running, CancelRequested: true } => "cancelling",
        { State: RunState.Running, PauseRequested: true } => "pausing",
        _ => run.State.Word(),
    };
}
