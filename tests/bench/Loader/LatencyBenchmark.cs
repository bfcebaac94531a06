using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards.Cache;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>latency</c>: samples per second from a store 50 ms and 20 MB/s away against the same shards on the local disk, alternating in one run. Read-ahead is
/// bounded to 256 MB in all: the ring and the shard cache together. Three cases: the cache warm, as fast as it goes; the first epoch, cold, whose bound is
/// the line; and a data set larger than the cache under a consumer that asks for half of what the line can bring, from the second window on.
/// </summary>
internal static class LatencyBenchmark
{
    private const int Repeats = 7;
    private const int Samples = 768;
    private const int ShuffleShards = 4;
    private const long ShardBytes = 8 << 20;
    private const long LineBytes = 20_000_000;
    private const double Allowed = 0.9;
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(50);
    private static readonly LoaderConfig s_loader = new() { Decoders = 2, ReadAheadMb = 64 };

    public static async Task<int> RunAsync()
    {
        Environment.SetEnvironmentVariable(StorageSettings.PrivateAddressesVariable, "true");
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            var folder = Path.Combine(scratch.FullName, "data");
            await BenchDataset.PackAsync(folder, Samples, ShardBytes);
            await using var server = await ObjectServer.ServeAsync(folder);
            (server.Latency, server.BytesPerSecond) = (s_latency, LineBytes);
            var cache = Path.Combine(scratch.FullName, "cache");
            var warm = await WarmAsync(folder, server, cache);
            var paced = await PacedAsync(folder, server, Path.Combine(scratch.FullName, "small-cache"));
            return warm >= Allowed && paced >= Allowed ? 0 : 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<double> WarmAsync(string folder, ObjectServer server, string cache)
    {
        var local = await OpenAsync(new FileObjectStore(folder).Root, host: null);
        await EpochAsync(local, 0);
        var remote = await OpenAsync(server.Address, Host(cache, 192 << 20));
        var cold = await EpochAsync(remote, 0);
        Print($"first epoch, cold: {cold.PerSecond:0} samples/s, {cold.BytesPerSecond / LineBytes * 100:0} % of the line");
        var ratios = new List<double>();
        for (var repeat = 1; repeat <= Repeats; repeat++)
        {
            var (near, far) = (await EpochAsync(local, repeat), await EpochAsync(remote, repeat));
            ratios.Add(far.PerSecond / near.PerSecond);
            Print($"epoch {repeat + 1}, warm: local {near.PerSecond:0} samples/s, remote {far.PerSecond:0}, ratio {ratios[^1]:0.000}");
        }
        return Median("warm", ratios);
    }

    /// <summary>A step of the consumer takes as long as the line needs for two batches: what is late then is latency, and nothing else.</summary>
    private static async Task<double> PacedAsync(string folder, ObjectServer server, string cache)
    {
        var bytes = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
        var step = TimeSpan.FromSeconds(2.0 * bytes / Samples * BatchSize / LineBytes);
        var local = await OpenAsync(new FileObjectStore(folder).Root, host: null);
        var remote = await OpenAsync(server.Address, Host(cache, 2 * ShuffleShards * ShardBytes + (4 << 20)));
        // From the second window on: the first one's fetch is the start of a run, not its course.
        var from = Samples / 4;
        var (near, far) = (await EpochAsync(local, 0, step, from), await EpochAsync(remote, 0, step, from));
        var ratio = far.PerSecond / near.PerSecond;
        var rates = Text($"local {near.PerSecond:0} samples/s, remote {far.PerSecond:0}, ratio {ratio:0.000}");
        Print($"larger than the cache, half the line asked for: {rates}, waited {far.Waited.TotalSeconds:0.0} s");
        return ratio;
    }

    private const int BatchSize = 16;

    private static async Task<(double PerSecond, double BytesPerSecond, TimeSpan Waited)> EpochAsync(
        RunDataLoader streams, int epoch, TimeSpan step = default, int from = 0)
    {
        var before = streams.Counters.BytesRead;
        var clock = Stopwatch.StartNew();
        var (start, waited) = (TimeSpan.Zero, TimeSpan.Zero);
        await foreach (var batch in streams.Training.ReadEpochAsync(epoch, 0, CancellationToken.None))
        {
            using (batch)
            {
                if (batch.FirstPosition == from)
                    (start, waited) = (from == 0 ? TimeSpan.Zero : clock.Elapsed, Waits(streams));
                await Task.Delay(step);
            }
        }
        var seconds = (clock.Elapsed - start).TotalSeconds;
        return ((Samples - from) / seconds, (streams.Counters.BytesRead - before) / clock.Elapsed.TotalSeconds, Waits(streams) - waited);
    }

    private static TimeSpan Waits(RunDataLoader streams) => streams.Counters.WaitedForStorage + streams.Counters.WaitedForDecoding;

    private static Task<RunDataLoader> OpenAsync(Uri root, LoaderEnvironment? host)
    {
        var config = BenchDataset.Config(root, Samples, s_loader);
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { ShuffleShards = ShuffleShards } } };
        return RunDataLoader.OpenAsync(config, host ?? LoaderEnvironment.Bare, CancellationToken.None);
    }

    private static LoaderEnvironment Host(string folder, long bytes) =>
        new(new ShardCacheSettings(folder, bytes, OfAllStores: false), (type, detail) => Console.WriteLine($"{type}: {detail}"));

    private static double Median(string what, List<double> ratios)
    {
        var median = ratios.Order().ElementAt(ratios.Count / 2);
        Print($"{what}: median ratio {median:0.000}, wanted {Allowed:0.00}");
        return median;
    }

    private static void Print(FormattableString line) => Console.WriteLine(Text(line));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
