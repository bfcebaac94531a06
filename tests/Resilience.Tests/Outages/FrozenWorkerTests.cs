using System.Diagnostics;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P2, P4, P8: who slept through his lease finds his run gone, and changes nothing any more.</summary>
[Collection(nameof(SystemApart))]
public sealed class FrozenWorkerTests(SystemApart apart)
{
    private static readonly TimeSpan s_gone = TimeSpan.FromSeconds(2);
    private static readonly string[] s_tables = ["attempts", "events", "metrics", "checkpoints", "artifacts", "log_lines"];

    [Fact]
    public async Task WorkerAndTrainer_FrozenForThreeLeases_ChangeNothingWhenTheyGoOn()
    {
        var run = await apart.HeldAsync("worker-frozen", SystemApart.ForBoth);
        var trainer = await apart.TrainerAsync(run);
        var worker = (await apart.System.WorkersAsync()).Single(one => one.Slots.Any(slot => slot.RunId == run)).Pid;

        RunningProgram.FreezeTree(worker);
        apart.System.Held.Release("worker-frozen");
        var frozen = Stopwatch.StartNew();
        try
        {
            // The other worker takes it, in its own time zone.
            await apart.System.UntilAsync(run, "be another's", found => found.Attempt == 2, SystemApart.Limit);
            if (3 * SystemUnderTest.Lease - frozen.Elapsed is { Ticks: > 0 } rest)
                await Task.Delay(rest);
            var before = await WrittenByTheFirstAsync(run);
            Assert.True(RunningProgram.IsAlive(trainer));

            RunningProgram.ThawTree(worker);

            await Eventually.TrueAsync("the old trainer to be gone", () => Task.FromResult(!RunningProgram.IsAlive(trainer)), s_gone);
            await apart.EndsAsIfNothingHadHappenedAsync(run, attempts: 2);
            Assert.Equal(before, await WrittenByTheFirstAsync(run));
        }
        finally
        {
            RunningProgram.ThawTree(worker);
        }
        // It lives, and works on.
        await Eventually.TrueAsync(
            "the worker to be ready again", async () =>
                (await apart.System.WorkersAsync()).Any(one => one.Pid == worker && one.State is WorkerState.Ready), s_gone * 5);
    }

    /// <summary>Every row of the first attempt, each with the transaction that wrote it last: a write that changed nothing would show too.</summary>
    private async Task<IReadOnlyList<string>> WrittenByTheFirstAsync(Guid run)
    {
        await using var connection = await apart.System.Database.OpenConnectionAsync();
        var rows = new List<string>();
        foreach (var table in s_tables)
            rows.AddRange(
                await connection.QueryAsync<string>(
                $"select '{table} ' || xmin || ' ' || t::text from {table} t where run_id = @run and attempt = 1 order by 1", new { run }));
        return rows;
    }
}
