using System.Globalization;
using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>
/// <c>queue</c>: what a long queue costs. Fifty claimers fetch queue jobs as workers do, claim the runs and end the attempts at once, beside a scheduler that
/// reconciles; the same number of runs out of a queue that holds no others, and out of one ten times as long. Options: <c>--runs</c>, <c>--queued</c>
/// (the long queue), <c>--claimers</c>.
/// </summary>
internal static class QueueBenchmark
{
    private const double WantedRate = 100;
    private const double WantedWorstMs = 250;
    private const double WantedRatio = 1.5;
    private const int RoundsOfStart = 5;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        var (runs, queued, claimers) = (options.Int("runs", 10_000), options.Int("queued", 100_000), options.Int("claimers", 50));
        await using var server = await BenchServer.StartAsync();
        var shortQueue = await MeasureAsync(await server.CreateAsync("short", migrated: true), runs, runs, claimers);
        var longQueue = await MeasureAsync(await server.CreateAsync("long", migrated: true), runs, queued, claimers);
        var (slower, fewer) = (longQueue.WorstMs / shortQueue.WorstMs, shortQueue.Rate / longQueue.Rate);
        Console.WriteLine(
            Text($"wanted: {WantedRate:0} runs/s, p99 {WantedWorstMs:0} ms, with the long queue not more than {WantedRatio:0.0} times that ") +
            Text($"(p99 is {slower:0.00} times, the rate {fewer:0.00} times less)"));
        var good = shortQueue.Rate >= WantedRate && shortQueue.WorstMs <= WantedWorstMs && slower <= WantedRatio && fewer <= WantedRatio;
        return good && shortQueue.Once && longQueue.Once ? 0 : 1;
    }

    private static async Task<(double Rate, double WorstMs, bool Once)> MeasureAsync(string connectionString, int runs, int queued, int claimers)
    {
        await using var database = DataSources.Create(connectionString, "changedetection bench");
        await LongQueue.FillAsync(connectionString, database, queued);
        await using var scheduler = await BenchScheduler.StartAsync(connectionString);
        await using var fleet = await Claimers.StartAsync(connectionString, database, claimers, runs);
        await fleet.HalfDone;
        var plan = await FetchPlan.ExplainAsync(database);
        await fleet.Done;
        var elapsed = fleet.Elapsed;
        await fleet.StopAsync();
        var (claimed, twice) = await CountAsync(database);
        var waits = fleet.FetchAndClaim.Select(wait => wait.TotalMilliseconds).ToList();
        // Each claimer's first rounds open its connections and compile: the start of a process, which the queue's length has no part in.
        var (start, steady) = (Sorted(waits[..(claimers * RoundsOfStart)]), Sorted(waits[(claimers * RoundsOfStart)..]));
        var (median, worst) = (Percentile(steady, 0.50), Percentile(steady, 0.99));
        var rate = runs / elapsed.TotalSeconds;
        Console.WriteLine(
            Text($"{queued,7} queued: {rate,6:0.0} runs/s; fetch + claim p50 {median:0.0} ms, p99 {worst:0.0} ms, max {steady[^1]:0.0} ms; ") +
            Text($"{claimed} claimed, {twice} of them twice"));
        Console.WriteLine(
            Text($"    the claimers' first {RoundsOfStart} rounds, counted apart: p50 {Percentile(start, 0.50):0.0} ms, max {start[^1]:0.0} ms; ") +
            Text($"all together p99 {Percentile(Sorted(waits), 0.99):0.0} ms"));
        Console.WriteLine(plan);
        return (rate, worst, twice == 0);
    }

    /// <summary>How many runs were claimed, and how many of them more than once, by the ledger.</summary>
    private static async Task<(long Claimed, long Twice)> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            """
            select count(*), count(*) filter (where times > 1 or attempt > 1) from (
                select r.attempt, (select count(*) from events e where e.run_id = r.id and e.type = 'claimed') as times from runs r where r.attempt > 0) claims
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>The nearest rank, of values in order.</summary>
    private static double Percentile(List<double> values, double share) => values[(int)Math.Ceiling(share * values.Count) - 1];

    private static List<double> Sorted(List<double> values) => [.. values.Order()];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
