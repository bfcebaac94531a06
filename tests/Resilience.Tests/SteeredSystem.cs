using System.Diagnostics;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests;

/// <summary>
/// A system and one worker of three slots for the scenes of a class. Beside them two runs take their time: one that nothing disturbs, and one whose
/// trainer is stopped early, so that nobody waits for the limit of a hang alone.
/// </summary>
public sealed class SteeredSystem : IAsyncLifetime
{
    /// <summary>Of 10 steps each.</summary>
    public const int Epochs = 2;
    /// <summary>After the first epoch's checkpoint, before the last one's.</summary>
    public const int MidEpoch = 13;
    /// <summary>Long enough for a trainer that starts on a machine under load.</summary>
    public static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private Task<string> _expected = Task.FromResult("");
    private Task<(Guid, int)> _stopped = Task.FromResult((Guid.Empty, 0));

    public SystemUnderTest System { get; private set; } = null!;

    public RunningProgram Worker { get; private set; } = null!;

    /// <summary>SHA-256 of the weights that nothing disturbed.</summary>
    public Task<string> ExpectedAsync() => _expected;

    /// <summary>The run whose first trainer was sent SIGSTOP in its second epoch, and that trainer.</summary>
    public Task<(Guid Run, int Trainer)> StoppedAsync() => _stopped;

    public async ValueTask InitializeAsync()
    {
        System = await SystemUnderTest.StartAsync(workers: 0);
        // Of the default priority alone: a scene with a worker of its own takes another.
        Worker = System.StartWorker(["--slots", "cpu,cpu:1,cpu:2", "--queues", "q4-any", "--data-dir", System.DataDir],
            new Dictionary<string, string?> { ["CHANGEDETECTION_HANG_AFTER"] = $"{HangAfter}" });
        _stopped = StopAsync(await SubmitHeldAsync("hanging"), "hanging");
        _expected = ExpectedAsync(await SubmitAsync("undisturbed"));
        await Worker.LineAsync("is ready", Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await System.DisposeAsync();
    }

    public async Task<Guid> SubmitAsync(string name) => (await System.SubmitAsync(name, Epochs))[0];

    /// <summary>Submits a run that is held at <see cref="MidEpoch"/> until it is released.</summary>
    public async Task<Guid> SubmitHeldAsync(string name)
    {
        System.Held.Hold(name, MidEpoch);
        return await SubmitAsync(name);
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

    public Task<Run> AtStepAsync(Guid run, int step) => System.AtStepAsync(run, step, Limit);

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

    private async Task<(Guid, int)> StopAsync(Guid run, string name)
    {
        await AtStepAsync(run, MidEpoch);
        var trainer = await TrainerAsync(run, attempt: 1);
        await SendAsync("STOP", trainer);
        System.Held.Release(name);
        return (run, trainer);
    }

    private async Task<string> ExpectedAsync(Guid run)
    {
        await System.SucceededAsync(run, Limit);
        return await System.FinalWeightsAsync(run);
    }
}
