using System.Globalization;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>How far long work is.</summary>
/// <param name="Phase">What is being done, such as <c>packing</c>.</param>
public readonly record struct WorkDone(string Phase, double Done, double Total);

/// <summary>Draws a bar per phase. Reports may come from several threads.</summary>
internal sealed class ProgressBars(ProgressContext context) : IProgress<WorkDone>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _bars = new(StringComparer.Ordinal);

    public void Report(WorkDone value)
    {
        lock (_lock)
        {
            if (!_bars.TryGetValue(value.Phase, out var bar))
                _bars[value.Phase] = bar = context.AddTask(Markup.Escape(Terminal.Printable(value.Phase)), maxValue: Math.Max(value.Total, 1));
            bar.Value = Math.Max(bar.Value, value.Done);
        }
    }
}

/// <summary>Prints a line when a phase begins and ends, and every few seconds in between. Reports may come from several threads.</summary>
internal sealed class ProgressLines(Terminal terminal, TimeProvider time) : IProgress<WorkDone>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private string? _phase;
    private double _done;
    private long _said;

    public void Report(WorkDone value)
    {
        lock (_lock)
        {
            var begins = value.Phase != _phase;
            if (!begins && (value.Done <= _done || value.Done < value.Total && time.GetElapsedTime(_said) < s_interval))
                return;
            (_phase, _done, _said) = (value.Phase, value.Done, time.GetTimestamp());
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{value.Phase} {(value.Total > 0 ? value.Done / value.Total : 1):0 %}"));
        }
    }
}
