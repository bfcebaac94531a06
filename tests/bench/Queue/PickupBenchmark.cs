using System.Globalization;

namespace ChangeDetection.Bench.Queue;

/// <summary>
/// <c>pickup</c>: from the commit of a submit to the claim by an idle worker, with a private PostgreSQL that flushes, the scheduler's reconciler
/// and a Hangfire server as workers have it. Runs are submitted one at a time with pauses of no fixed length, so that none keeps step with a timer.
/// The scale beside each: a round trip to the server, and a claim that nobody had to be told of. The baseline, over the same time: a Hangfire
/// server with its defaults.
/// </summary>
internal static class PickupBenchmark
{
    private const int WarmUp = 5;
    private const int ShortestPauseMs = 150;
    private const int LongestPauseMs = 450;
    private const double AllowedMedianMs = 100;
    private const double AllowedWorstMs = 1000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var submits = new Options(arguments).Int("submits", 150);
        await using var server = await PickupDatabases.StartAsync();
        await using var queue = await PickupQueue.StartAsync(server.Queue);
        await using var bare = await BareClaims.StartAsync(server.Bare);
        using var defaults = DefaultQueue.Start(server.Defaults);
        var pauses = new Random(1);
        var (pickups, claims, roundTrips) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < WarmUp + submits; i++)
        {
            await Task.Delay(pauses.Next(ShortestPauseMs, LongestPauseMs));
            var (pickup, claim, roundTrip) = (await queue.PickupAsync(), await bare.ClaimAsync(), await bare.RoundTripAsync());
            if (i < WarmUp)
                continue;
            pickups.Add(pickup.TotalMilliseconds);
            claims.Add(claim.TotalMilliseconds);
            roundTrips.Add(roundTrip.TotalMilliseconds);
        }
        var waits = await defaults.StopAsync();
        Print("select 1", roundTrips);
        Print("bare claim", claims);
        Print("pickup", pickups);
        Print("pickup, defaults", waits.ConvertAll(wait => wait.TotalMilliseconds));
        Console.WriteLine(Text($"allowed for a pickup: p50 {AllowedMedianMs:0} ms, p99 {AllowedWorstMs:0} ms"));
        return Percentile(pickups, 0.50) <= AllowedMedianMs && Percentile(pickups, 0.99) <= AllowedWorstMs ? 0 : 1;
    }

    private static void Print(string name, List<double> values)
        => Console.WriteLine(values.Count == 0
            ? $"{name,-18} none within this time"
            : Text($"{name,-18} p50 {Percentile(values, 0.50),8:0.0} ms  p95 {Percentile(values, 0.95),8:0.0} ms  ")
                + Text($"p99 {Percentile(values, 0.99),8:0.0} ms  max {values.Max(),8:0.0} ms  ({values.Count} samples)"));

    /// <summary>The nearest rank: the smallest value that at least this share of all does not exceed.</summary>
    private static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
