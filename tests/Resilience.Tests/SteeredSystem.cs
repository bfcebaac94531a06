using System.Diagnostics;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>
/// A system and one worker of three slots for the scenes of a class. Beside them a run takes its time whose trainer is stopped early, so that nobody waits
/// for the limit of a hang alone.
/// </summary>
public sealed class SteeredSystem(PostgresServer postgres) : IAsyncLifetime
{
    /// <summary>Long enough for a trainer that starts on a machine under load.</summary>
    public static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Limit = SmallRun.Limit;

    private Task<(Guid, int)> _stopped = Task.FromResult((Guid.Empty, 0));

    public SystemUnderTest System { get; private set; } = null!;

    public RunningProgram Worker { get; private set; } = null!;

    /// <summary>The run whose first trainer was sent SIGSTOP in its second epoch, and that trainer.</summary>
    public Task<(Guid Run, int Trainer)> StoppedAsync() => _stopped;

    public async ValueTask InitializeAsync()
    {
        System = await SystemUnderTest.ServeApartAsync(postgres);
        // Of the default priority alone: a scene with a worker of its own takes another.
        Worker = System.StartWorker(["--slots", "cpu,cpu:1,cpu:2", "--queues", "q4-any"],
            new Dictionary<string, string?> { ["CHANGEDETECTION_HANG_AFTER"] = $"{HangAfter}" });
        _stopped = StopAsync("hanging");
        await Worker.LineAsync("is ready", Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await System.DisposeAsync();
    }

    /// <summary>Submits an experiment of a config of the scene's own.</summary>
    /// <param name="overrides">As for <c>--set</c>.</param>
    public async Task<IReadOnlyList<Run>> SubmitAsync(string name, params string[] overrides)
    {
        var file = Path.Combine(Path.GetDirectoryName(System.DataDir)!, $"{name}.yaml");
        await File.WriteAllTextAsync(file, $$"""
            version: 1
            name: {{name}}
            dataset: { uri: dataset }
            resources: { threads: 1 }
            """);
        var experiment = Guid.Parse((await System.CliAsync(["submit", file, .. overrides.SelectMany(text => new[] { "--set", text })])).Succeeded());
        return await System.Runs.ListAsync(new RunFilter(Experiment: experiment), CancellationToken.None);
    }

    /// <summary>Waits for a state on the way; fails at once when the run has ended otherwise.</summary>
    public Task<Run> UntilAsync(Guid run, string what, Func<Run, bool> condition) =>
        System.UntilAsync(run, what, found => condition(found) || (found.State.IsTerminal()
            ? throw new InvalidOperationException($"run {run} was {found.State} ({found.Reason}) before anybody saw it {what}")
            : false), Limit);

    /// <summary>The trainer of an attempt, once it is known.</summary>
    public async Task<int> TrainerAsync(Guid run, int attempt)
    {
        var known = await Eventually.GetAsync(
            $"the trainer of attempt {attempt}", async () =>
                (await AttemptsAsync(run)).FirstOrDefault(one => one.Number == attempt && one.TrainerPid is not null), Limit);
        return known.TrainerPid!.Value;
    }

    /// <summary>Waits for a line of an attempt's log.</summary>
    public Task LoggedAsync(Guid run, int attempt, string text) => Eventually.TrueAsync(
        $"'{text}' in the log of attempt {attempt}",
        async () => (await new LogStore(System.Database).ListAsync(run, 0, 1000, CancellationToken.None))
            .Any(line => line.Attempt == attempt && line.Text.Contains(text, StringComparison.Ordinal)),
        Limit);

    public async Task<IReadOnlyList<Attempt>> AttemptsAsync(Guid run) =>
        await new AttemptStore(System.Database).ListAsync(run, CancellationToken.None);

    public async Task<IReadOnlyList<CheckpointRecord>> CheckpointsAsync(Guid run) =>
        await new CheckpointStore(System.Database).ListAsync(run, CancellationToken.None);

    public static async Task SendAsync(string signal, int pid)
    {
        using var sent = Process.Start("/bin/sh", ["-c", $"kill -{signal} {pid} 2>/dev/null"]);
        await sent.WaitForExitAsync();
    }

    private async Task<(Guid, int)> StopAsync(string name)
    {
        var run = await SmallRun.HeldAsync(System, name);
        var trainer = await TrainerAsync(run, attempt: 1);
        await SendAsync("STOP", trainer);
        System.Held.Release(name);
        return (run, trainer);
    }
}
