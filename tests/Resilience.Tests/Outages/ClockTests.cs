using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>
/// P2, P8: no clock but the database's decides anything. Every time that a lease depends on is written and compared by the database
/// (<c>clock_timestamp()</c>), as a <c>timestamptz</c>, which is a moment and knows no zone; a worker only measures how long it waited, by a clock that
/// counts and cannot be set. So a worker whose clock is an hour off, or whose zone is another, has nothing to be wrong about. That no statement carries
/// a time of its client is held by the tests of the leases; here two workers and a database live in three zones.
/// </summary>
[Collection(nameof(SystemApart))]
public sealed class ClockTests(SystemApart apart)
{
    [Fact]
    public async Task TimeZones_ThreeThatDisagree_MakeNoDifference()
    {
        Assert.Contains($"TZ={SystemApart.DirectZone}", EnvironmentOf(apart.Direct), StringComparison.Ordinal);
        Assert.Contains($"TZ={SystemApart.DistantZone}", EnvironmentOf(apart.Distant), StringComparison.Ordinal);
        await using (var zone = apart.System.Database.CreateCommand("show timezone"))
            Assert.Equal(SystemApart.DatabaseZone, await zone.ExecuteScalarAsync());

        // Seen a moment ago, by whatever zone: their next heartbeat is at most two seconds away.
        var pids = new[] { apart.Direct.Pid, apart.Distant.Pid };
        var workers = (await apart.System.WorkersAsync()).Where(worker => pids.Contains(worker.Pid)).ToList();
        Assert.Equal(2, workers.Count);
        Assert.All(workers, worker => Assert.InRange(worker.LeaseAgeSeconds, 0, SystemUnderTest.Lease.TotalSeconds));
        var run = await apart.EndsAsIfNothingHadHappenedAsync(await apart.SubmitAsync("zones", SystemApart.ForBoth));
        Assert.True(run.CreatedAt <= run.StartedAt && run.StartedAt <= run.FinishedAt);
        Assert.InRange(run.FinishedAt!.Value - run.CreatedAt, TimeSpan.Zero, SystemApart.Limit);
    }

    private static string EnvironmentOf(RunningProgram program) => File.ReadAllText($"/proc/{program.Pid}/environ");
}
