using ChangeDetection.Core.Queue;

namespace ChangeDetection.Worker.Jobs;

/// <summary>Counts the jobs that are being executed, so that a worker can leave when the last is done.</summary>
public sealed class InFlightJobs
{
    private readonly Lock _counting = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private TaskCompletionSource _empty = Completed();

    /// <summary>Ends when the first job has come.</summary>
    public Task FirstQueueJob => _first.Task;

    /// <summary>The same job, counted.</summary>
    public IRunJob Count(IRunJob job) => new CountedJob(job, this);

    /// <summary>Waits for the last job to end, at most so long.</summary>
    /// <exception cref="TimeoutException">Some are still being executed.</exception>
    public Task EmptyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        lock (_counting)
            return _empty.Task.WaitAsync(patience, cancellationToken);
    }

    private void Enter()
    {
        _first.TrySetResult();
        lock (_counting)
        {
            if (_count++ == 0)
                _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Leave()
    {
        lock (_counting)
        {
            if (--_count == 0)
                _empty.SetResult();
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private sealed class CountedJob(IRunJob job, InFlightJobs inFlight) : IRunJob
    {
        public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            inFlight.Enter();
            try
            {
                await job.ExecuteAsync(run, cancellationToken);
            }
            finally
            {
                inFlight.Leave();
            }
        }
    }
}
