using System.Diagnostics;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P2, P4, P7: whatever becomes of the database, a run trains on in its process, and nothing of it is lost, repeated or counted against it.</summary>
[Collection(nameof(SystemApart))]
public sealed class OutageTests(SystemApart apart)
{
    private static readonly TimeSpan s_starting = TimeSpan.FromSeconds(30);

    [Fact]
    public Task CrashOfTheServer_DownForAWhile_LeavesTheAttemptAndItsProcessAlone() => CrashAsync(apart, seconds: 3);

    [Fact]
    public async Task ServerThatFroze_ForTwoLeases_LeavesTheAttemptAlone()
    {
        var run = await apart.HeldAsync("server-frozen", SystemApart.ForDirect);
        await apart.Postgres.FreezeAsync();
        apart.System.Held.Release("server-frozen");
        try
        {
            await Task.Delay(2 * SystemUnderTest.Lease);
        }
        finally
        {
            await apart.Postgres.ThawAsync();
        }
        await apart.EndsAsIfNothingHadHappenedAsync(run);
    }

    [Fact]
    public Task EveryBackEnd_TerminatedOnceASecond_AllRunsFinish() => TerminateAsync(apart, seconds: 10);

    internal static async Task CrashAsync(SystemApart apart, int seconds)
    {
        var run = await apart.HeldAsync($"server-down-{seconds}", SystemApart.ForDirect);
        var trainer = await apart.TrainerAsync(run);

        await apart.Postgres.CrashAsync();
        var down = Stopwatch.StartNew();
        var worked = Processor(trainer);
        apart.System.Held.Release($"server-down-{seconds}");
        // Who comes while it is down waits, and says so.
        await using var lateServe = apart.System.StartServe();
        await using var lateWorker = apart.System.StartWorker(["--slots", "cpu", "--queues", SystemApart.Queues(SystemApart.ForNobody)]);
        Assert.Contains("no connection", await lateServe.LineAsync("scheduler: waiting for the database", s_starting), StringComparison.Ordinal);
        Assert.Contains("no connection", await lateWorker.LineAsync("waiting for the database and its schema", s_starting), StringComparison.Ordinal);
        if (TimeSpan.FromSeconds(seconds) - down.Elapsed is { Ticks: > 0 } rest)
            await Task.Delay(rest);
        Assert.True(RunningProgram.IsAlive(trainer));
        Assert.True(Processor(trainer) > worked, "Training went on.");
        await apart.Postgres.StartAsync();

        await apart.EndsAsIfNothingHadHappenedAsync(run);
        Assert.Equal(trainer, (await apart.AttemptsAsync(run)).Single().TrainerPid);
        await lateServe.LineAsync("scheduler: ready", s_starting);
        await lateWorker.LineAsync("is ready", s_starting);
        apart.SaysNothingOfTheAddress(lateServe, lateWorker, apart.Serve, apart.Direct, apart.Distant);
    }

    internal static async Task TerminateAsync(SystemApart apart, int seconds)
    {
        var runs = new Dictionary<string, Guid>();
        foreach (var name in Enumerable.Range(1, seconds / 4).Select(number => $"terminated-{seconds}-{number}"))
        {
            apart.System.Held.Hold(name, 0);
            runs.Add(name, await apart.SubmitAsync(name, SystemApart.ForBoth));
        }
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var passed = 1; passed <= seconds; passed++)
        {
            await apart.System.TerminateBackEndsAsync();
            // So many steps a second: whatever a run does, from its claim to its end, it does while connections break.
            foreach (var name in runs.Keys)
                apart.System.Held.Hold(name, SmallRun.Steps * passed / 10);
            await second.WaitForNextTickAsync();
        }
        foreach (var (name, run) in runs)
        {
            apart.System.Held.Release(name);
            await apart.EndsAsIfNothingHadHappenedAsync(run);
        }
    }

    /// <summary>Clock ticks that a process has had of the processors: utime and stime of /proc/PID/stat.</summary>
    private static long Processor(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ');
        return long.Parse(fields[11], System.Globalization.CultureInfo.InvariantCulture)
            + long.Parse(fields[12], System.Globalization.CultureInfo.InvariantCulture);
    }
}
