using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>Why a trainer is asked to stop.</summary>
public enum StopCause { Shutdown, Paused, Cancelled }

/// <summary>Asks a trainer to make a checkpoint and end, and kills it when it has not within the grace.</summary>
public sealed class TrainerStop(TrainerProcess trainer, TimeSpan grace) : IDisposable
{
    private readonly Lock _deciding = new();
    private readonly CancellationTokenSource _grace = new();
    private CancellationTokenRegistration _kill;

    /// <summary>Why it was asked; null when it was not.</summary>
    public StopCause? Cause { get; private set; }

    /// <summary>Whether the grace ran out, so that the trainer was killed.</summary>
    public bool Forced => _grace.IsCancellationRequested;

    /// <summary>May be called again: the first call asks, and a cancellation outranks the other causes.</summary>
    public void Ask(StopCause cause)
    {
        lock (_deciding)
        {
            var first = Cause is null;
            if (first || cause is StopCause.Cancelled)
                Cause = cause;
            if (!first)
                return;
            _kill = _grace.Token.Register(trainer.Kill);
            _grace.CancelAfter(grace);
        }
        _ = trainer.SendAsync(new StopMessage(), CancellationToken.None);
    }

    public void Dispose()
    {
        _kill.Dispose();
        _grace.Dispose();
    }
}
