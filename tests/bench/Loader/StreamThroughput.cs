using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>stream</c>: samples per second and processor time per sample from shards of 256x256 PNG pairs on the local disk to augmented batches,
/// with one decoder and with two, alternating; the median of each.
/// </summary>
internal static class StreamThroughput
{
    private const int Repeats = 5;
    private const int Draws = 1600;

    public static async Task<int> RunAsync()
    {
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            await BenchDataset.PackAsync(scratch.FullName, samples: 512, shardBytes: 8 << 20);
            var measured = new List<(int Decoders, double PerSecond, double CpuMs)>();
            for (var repeat = 0; repeat <= Repeats; repeat++)
            {
                foreach (var decoders in new[] { 1, 2 })
                {
                    var run = await MeasureAsync(scratch.FullName, decoders);
                    if (repeat > 0) // The first round warms up the code and the page cache.
                        measured.Add((decoders, run.PerSecond, run.CpuMs));
                }
            }
            foreach (var runs in measured.GroupBy(run => run.Decoders))
            {
                var (perSecond, cpuMs) = (Median(runs.Select(run => run.PerSecond)), Median(runs.Select(run => run.CpuMs)));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{runs.Key} decoders: {perSecond:0} samples/s, {cpuMs:0.00} CPU-ms per sample"));
            }
            return 0;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<(double PerSecond, double CpuMs)> MeasureAsync(string folder, int decoders)
    {
        var streams = await RunDataLoader.OpenAsync(BenchDataset.Config(folder, Draws, new() { Decoders = decoders }), CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, CancellationToken.None))
            batch.Dispose();
        var cpu = Environment.CpuUsage.TotalTime - before;
        return (Draws / clock.Elapsed.TotalSeconds, cpu.TotalMilliseconds / Draws);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Repeats / 2);
}
