namespace ChangeDetection.Worker.Devices;

/// <summary>
/// Runs a whole attempt's tensor work on one thread of its own. Dispose scopes, gradient mode and OpenMP's thread count belong to a thread, so a
/// continuation on another one would lose them; the compute thread therefore blocks on data and objects instead of awaiting them.
/// </summary>
internal static class ComputeThread
{
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(Run) { Name = "compute", IsBackground = true };
        thread.Start();
        return completion.Task;

        void Run()
        {
            try
            {
                completion.SetResult(work());
            }
            catch (OperationCanceledException exception)
            {
                completion.SetCanceled(exception.CancellationToken);
            }
#pragma warning disable CA1031 // A thread's top level: every exception goes to the awaiter of the task.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                completion.SetException(exception);
            }
        }
    }

    /// <summary>Blocks for a result; only for this thread, which has no continuations to run meanwhile.</summary>
    public static T Block<T>(this Task<T> task) => task.GetAwaiter().GetResult();
}
