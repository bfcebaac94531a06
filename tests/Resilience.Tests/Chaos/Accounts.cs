using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Resilience.Tests.Chaos;

/// <summary>Reads the ledger of events, attempts and results, and holds every acknowledged run against the promises.</summary>
internal sealed class Accounts(SystemUnderTest system, Ledger ledger)
{
    public async Task CheckAsync()
    {
        var results = new Dictionary<(int Seed, RunKind Kind), (Guid Run, string? Weights, IReadOnlyList<MetricPoint> Metrics)>();
        foreach (var id in ledger.Runs)
        {
            var run = await system.FindAsync(id);
            Assert.True(run.State.IsTerminal(), $"run {id} is {run.State}");
            var attempts = await new AttemptStore(system.Database).ListAsync(id, CancellationToken.None);
            var events = await new EventStore(system.Database).ListAsync(id, CancellationToken.None);
            CheckAttempts(run, attempts);
            Assert.Equal(run.Attempt, events.Count(one => one.Type == "claimed"));
            if (run.State is not RunState.Succeeded)
                continue;
            Assert.Equal(AttemptEnding.Succeeded, attempts[^1].Ending);
            await CheckResultAsync(run, results);
        }
        await CheckConnectionsAsync();
    }

    /// <summary>How the attempts of all runs ended, in a line.</summary>
    public static async Task<string> EndingsAsync(SystemUnderTest system)
    {
        await using var connection = await system.Database.OpenConnectionAsync(CancellationToken.None);
        return (await connection.QuerySingleAsync<string>(
            """
            select 'runs: ' || (select string_agg(n || ' ' || state, ', ') from (select state, count(*) n from runs group by 1 order by 1) s)
                || '; attempts: ' || (select string_agg(n || ' ' || ending, ', ') from (select ending, count(*) n from attempts group by 1 order by 1) a)
            """))!;
    }

    /// <summary>Numbers without a gap, each ended, none begun before the one before it had ended, at most one success.</summary>
    private static void CheckAttempts(Run run, IReadOnlyList<Attempt> attempts)
    {
        Assert.Equal(Enumerable.Range(1, run.Attempt), attempts.Select(attempt => attempt.Number));
        Assert.All(attempts, attempt => Assert.NotNull(attempt.Ending));
        foreach (var (before, after) in attempts.Zip(attempts.Skip(1)))
            Assert.True(before.EndedAt <= after.StartedAt, $"run {run.Id}: attempt {after.Number} began before attempt {before.Number} had ended");
        Assert.True(attempts.Count(attempt => attempt.Ending is AttemptEnding.Succeeded) <= 1, $"run {run.Id} succeeded twice");
    }

    /// <summary>Runs of one config and seed end in one result, whatever happened to each.</summary>
    private async Task CheckResultAsync(Run run, Dictionary<(int, RunKind), (Guid Run, string? Weights, IReadOnlyList<MetricPoint> Metrics)> results)
    {
        var weights = run.Kind is RunKind.Train ? await system.FinalWeightsAsync(run.Id) : null;
        var metrics = await new MetricStore(system.Database).ListAsync(run.Id, null, CancellationToken.None);
        if (!results.TryAdd((ledger.SeedOf(run.Id), run.Kind), (run.Id, weights, metrics)))
        {
            var other = results[(ledger.SeedOf(run.Id), run.Kind)];
            Assert.True(other.Weights == weights, $"runs {other.Run} and {run.Id} have one config and two results");
            Assert.Equal(other.Metrics, metrics);
        }
    }

    /// <summary>With nothing to do, the system holds its standing connections and no more, and no transaction stays open.</summary>
    private async Task CheckConnectionsAsync()
    {
        const int standing = 60;
        await using var connection = await system.Database.OpenConnectionAsync(CancellationToken.None);
        Assert.InRange(await connection.QuerySingleAsync<int>("select count(*)::int from pg_stat_activity where datname = current_database()"), 1, standing);
        // Heartbeats go on, and one may be between two statements. What was left open would be there for as long as the server lets it (10 s).
        await Eventually.TrueAsync("no transaction to be open", async () =>
            await connection.QuerySingleAsync<int>(
                "select count(*)::int from pg_stat_activity where datname = current_database() and state = 'idle in transaction'") == 0,
            TimeSpan.FromSeconds(5));
    }
}
