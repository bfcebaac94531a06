using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Notices a trainer that no longer gets anywhere: no step, no evaluated batch, no checkpoint. Silence is counted in ticks, not by the clock, so
/// that a worker which was itself frozen charges its trainer nothing; and while the trainer waits for its worker (the outbox is full, a
/// checkpoint waits for its row) no tick counts.
/// </summary>
public sealed class TrainerWatchdog
{
    /// <summary>Into how many ticks the limit is cut.</summary>
    public const int TicksPerLimit = 20;

    private int _silentTicks;
    private int _owed;

    /// <summary>Whether the trainer was given up.</summary>
    public bool HasFired { get; private set; }

    /// <summary>A message came. Log lines and events are no progress: a trainer that cannot get on may go on complaining.</summary>
    public void Heard(TrainerMessage message)
    {
        if (message is LogMessage or EventMessage)
            return;
        if (message is CheckpointMessage)
            Interlocked.Increment(ref _owed);
        Volatile.Write(ref _silentTicks, 0);
    }

    /// <summary>A checkpoint has its row: the trainer, which waited for the answer, goes on.</summary>
    public void Answered()
    {
        Volatile.Write(ref _silentTicks, 0);
        Interlocked.Decrement(ref _owed);
    }

    /// <summary>The worker is busy with the trainer's message, and takes nothing more in until the returned scope ends.</summary>
    public Busy TakeIn()
    {
        Interlocked.Increment(ref _owed);
        return new Busy(this);
    }

    /// <summary>Watches until the limit is reached or the token cancelled; then <paramref name="giveUp"/> is called, once.</summary>
    /// <param name="limit">How long a trainer may get nowhere.</param>
    public async Task RunAsync(TimeSpan limit, Action giveUp, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(limit / TicksPerLimit, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (!Tick())
                continue;
            giveUp();
            return;
        }
    }

    /// <summary>A twentieth of the limit has passed; true when the trainer is to be given up.</summary>
    public bool Tick() => HasFired = Volatile.Read(ref _owed) == 0 && Interlocked.Increment(ref _silentTicks) >= TicksPerLimit;

    /// <summary>The scope of <see cref="TakeIn"/>.</summary>
    public readonly struct Busy(TrainerWatchdog watch) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref watch._owed);
    }
}
