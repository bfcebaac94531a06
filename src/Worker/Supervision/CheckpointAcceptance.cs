using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// Gives a durable checkpoint its fenced row, and retires those that the run's retention no longer keeps. Their objects are none of the worker's
/// business: who may still be reading them is known to the database alone, and the scheduler collects them from there.
/// </summary>
public sealed class CheckpointAcceptance(CheckpointConfig retention)
{
    public async Task AcceptAsync(CheckpointRecord checkpoint, FencedTransaction fence, CancellationToken cancellationToken)
    {
        await CheckpointStore.AddAsync(fence, checkpoint, cancellationToken);
        await CheckpointStore.RetireAsync(fence, retention.KeepBest, retention.KeepLast, cancellationToken);
        CrashPoint.Reach(CrashPoints.CheckpointRowWritten);
    }
}
