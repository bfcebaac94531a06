using System.Text.Json;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Backups;

/// <summary>P4, P5: a backup that is made while runs train, restored elsewhere, has every object, and its runs go on to equal bits.</summary>
[Collection(nameof(WholeSystem))]
public sealed class BackupUnderLoadTests(WholeSystem whole)
{
    private const int BusyEpochs = 8;
    private static readonly TimeSpan s_limit = SmallRun.Limit;

    [Fact]
    public async Task Restored_RunsInFlight_EndAsTheyWouldHave()
    {
        var system = await whole.ReadyAsync(workers: 1);
        await SmallRun.UndisturbedAsync(system);
        using var folder = new TemporaryFolder();
        // One in the middle of an epoch for certain, and one that publishes and retires checkpoints all the while.
        var held = await SmallRun.HeldAsync(system, "backed-up");
        await using var second = system.StartWorker(["--slots", "cpu", "--data-dir", system.DataDir]);
        var busy = (await system.SubmitAsync("busy", BusyEpochs, seed: 2))[0];
        await system.AtStepAsync(busy, 1, s_limit);

        var made = JsonDocument.Parse((await system.CliAsync("backup", "--out", folder["system.backup"], "--json")).Succeeded()).RootElement;

        Assert.InRange(made.GetProperty("running").GetInt32(), 1, 2);
        (await CommandRun.OfAsync(["backup", "verify", folder["system.backup"]])).Succeeded();
        system.Held.Release("backed-up");
        await SmallRun.EndsAsUndisturbedAsync(system, held);
        await system.SucceededAsync(busy, s_limit);
        await second.DisposeAsync();

        await using var restored = await SystemUnderTest.RestoreAsync(folder["system.backup"], workers: 1);
        Assert.NotEqual(system.ConnectionString, restored.ConnectionString);
        Assert.Contains("all there", (await restored.CliAsync("storage", "verify", "--hashes")).Succeeded(), StringComparison.Ordinal);
        var ended = await SmallRun.EndsAsUndisturbedAsync(restored, held);
        Assert.Equal((2, 0, 0), (ended.Attempt, ended.Deaths, ended.Errors));
        await restored.SucceededAsync(busy, s_limit);
        Assert.Equal(await system.FinalWeightsAsync(busy), await restored.FinalWeightsAsync(busy));
        Assert.Contains("all there", (await restored.CliAsync("storage", "verify", "--hashes")).Succeeded(), StringComparison.Ordinal);
        Assert.All(await restored.Runs.ListAsync(new RunFilter(), CancellationToken.None), run => Assert.True(run.State.IsTerminal()));
    }
}
