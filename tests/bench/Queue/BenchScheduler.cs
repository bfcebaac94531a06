using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Bench.Queue;

/// <summary><c>changedetection serve</c> as a process of its own.</summary>
internal static class BenchScheduler
{
    private const string Ready = "scheduler: ready";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<ChildProcess> StartAsync(string connectionString)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var command = Executables.Locate(Executables.Scheduler).Command("scheduler", ["serve"]);
        var scheduler = ChildProcess.Start(command with
        {
            Environment = new Dictionary<string, string?>(command.Environment) { ["CHANGEDETECTION_DATABASE"] = connectionString },
            OnLine = line => _ = line == Ready && ready.TrySetResult(),
        });
        await ready.Task.WaitAsync(s_patience);
        return scheduler;
    }
}
