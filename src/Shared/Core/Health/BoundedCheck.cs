namespace ChangeDetection.Core.Health;

/// <summary>Runs a check within a time: a mount whose server is gone blocks a call for ever, and no token ends that.</summary>
public static class BoundedCheck
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <param name="name">Of the finding where the time is up.</param>
    /// <param name="check">Its failures are findings of its own; what it throws all the same becomes one.</param>
    public static async Task<HealthFinding> RunAsync(
        string name, TimeSpan limit, Func<CancellationToken, Task<HealthFinding>> check, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        HealthFinding finding;
        try
        {
            // A thread of its own, which is left behind if it blocks.
            var running = Task.Factory.StartNew(
                () => check(late.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
            finding = await running.WaitAsync(limit + s_grace, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException || late.IsCancellationRequested && exception is OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            finding = HealthFinding.Failure(
                name, "no answer", FormattableString.Invariant($"it was not done within {limit.TotalSeconds:0.#} s."),
                "Look whether what it needs hangs: a network mount, a service, a driver.");
        }
#pragma warning disable CA1031 // Whatever ended the check is what it found.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            finding = HealthFinding.Failure(
                name, exception.GetType().Name, $"{exception.Message.TrimEnd('.')}.", "Its message says what to look at.");
        }
        return finding with { Seconds = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3) };
    }
}
