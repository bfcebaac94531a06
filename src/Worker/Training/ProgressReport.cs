using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary>Reports to the worker where the run stands, at most twice a second, with an estimate of the time left from the steps of this attempt.</summary>
/// <param name="loader">The data set's counters; null where batches come from elsewhere.</param>
public sealed class ProgressReport(ITrainerLink link, LoaderCounters? loader, TimeProvider time, long totalSteps)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);
    private const int StepsBeforeEstimate = 3;

    private readonly LoaderReport _loader = new(loader, time);
    private readonly long _start = time.GetTimestamp();
    private long? _told;
    private long _steps;
    private long _samples;

    /// <inheritdoc cref="LoaderReport.Waited"/>
    public void Waited(TimeSpan wait, bool first) => _loader.Waited(wait, first);

    public void Stepped(TrainingState state, int samples)
    {
        _steps++;
        _samples += samples;
        Alive(state, force: state.Step == totalSteps);
    }

    /// <summary>Also between steps, during validation, so that a long one is not taken for a hang.</summary>
    public void Alive(TrainingState state, bool force = false)
    {
        if (!force && _told is { } told && time.GetElapsedTime(told) < s_interval)
            return;
        _told = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        double? left = _steps >= StepsBeforeEstimate ? seconds / _steps * (totalSteps - state.Step) : null;
        var fraction = totalSteps > 0 ? Math.Min(1, state.Step / (double)totalSteps) : 1;
        link.Progress(new RunProgress(state.EpochNumber, state.Step, totalSteps, fraction, left, _loader.Figures(seconds > 0 ? _samples / seconds : 0)));
    }
}
