namespace ChangeDetection.Core.Queue;

/// <summary>
/// The one job there is. Its argument is the run's id and nothing else: everything a worker needs stands in the run's row.
/// An interface, so that the scheduler can enqueue what only a worker can do.
/// </summary>
public interface IRunJob
{
    /// <summary>Claims the run and sees it through; returns at once when there is nothing to claim.</summary>
    /// <param name="run">Id of the run.</param>
    /// <param name="cancellationToken">Hangfire's. It is cancelled when Hangfire restarts itself, so it never stops a trainer.</param>
    Task ExecuteAsync(Guid run, CancellationToken cancellationToken);
}
