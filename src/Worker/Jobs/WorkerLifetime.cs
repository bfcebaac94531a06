namespace ChangeDetection.Worker.Jobs;

/// <summary>What jobs have to know of their worker's life: that it has announced itself, and that it leaves.</summary>
public sealed class WorkerLifetime : IDisposable
{
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _leaving = new();

    public WorkerLifetime() => Leaving = _leaving.Token;

    /// <summary>Ends when the worker's row is committed.</summary>
    public Task Registered => _registered.Task;

    /// <summary>Cancelled when the worker leaves: trainers make a checkpoint, and their runs are handed back.</summary>
    public CancellationToken Leaving { get; }

    /// <summary>Whether it was drained: it leaves on purpose, and whoever watches over it is not to call it back.</summary>
    public bool IsDrained { get; private set; }

    public void SetDrained() => IsDrained = true;

    public void SetRegistered() => _registered.SetResult();

    public Task LeaveAsync() => _leaving.CancelAsync();

    public void Dispose() => _leaving.Dispose();
}
