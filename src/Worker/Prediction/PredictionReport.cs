using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// Reports to the worker where a prediction stands, at most twice a second: steps are strips, or the pairs of a batch; the share is that of windows, the
/// last of it for the files.
/// </summary>
internal sealed class PredictionReport(ITrainerLink link, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);
    private const double ShareOfWindows = 0.97;

    private long? _told;
    private long _start;
    private int _strips, _stripsDone, _windows, _windowsDone, _windowsBefore;

    /// <param name="strips">Of a batch: pairs.</param>
    /// <param name="windows">Of all strips together; of a batch again pairs.</param>
    /// <param name="done">How many strips attempts before have finished.</param>
    public void Begin(int strips, int windows, int done)
    {
        (_strips, _windows) = (strips, windows);
        (_stripsDone, _windowsDone) = (done, _windows / _strips * done);
        (_windowsBefore, _start) = (_windowsDone, time.GetTimestamp());
        Send(force: true);
    }

    public void WindowDone()
    {
        _windowsDone++;
        Send(force: false);
    }

    public void StripDone()
    {
        _stripsDone++;
        Send(force: true);
    }

    /// <summary>Nothing to count, but not hung either.</summary>
    public void Alive() => Send(force: false);

    public void End() => Send(force: true, fraction: 1);

    private void Send(bool force, double? fraction = null)
    {
        if (!force && _told is { } told && time.GetElapsedTime(told) < s_interval)
            return;
        _told = time.GetTimestamp();
        var here = _windowsDone - _windowsBefore;
        double? left = here > 0 ? time.GetElapsedTime(_start).TotalSeconds / here * (_windows - _windowsDone) : null;
        var share = _windows > 0 ? ShareOfWindows * _windowsDone / _windows : 0;
        link.Progress(new RunProgress(0, _stripsDone, _strips, fraction ?? share, left, new LoaderFigures()));
    }
}
