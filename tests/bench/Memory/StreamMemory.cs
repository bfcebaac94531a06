using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Bench.Loader;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Bench.Memory;

/// <summary>
/// <c>memory [--small-mb 100] [--large-gb 2]</c>: peak anonymous memory of a process that streams the same number of batches from a data set and from a
/// much larger one, whose shards repeat those of the first. The two may differ by 5 %: memory is bounded by the loader's settings, never by the data set.
/// <c>memory child FOLDER BATCHES</c> is what the measured process runs.
/// </summary>
internal static class StreamMemory
{
    private const long ShardBytes = 12 << 20;
    private const int BytesPerSample = 270_000;
    private const int Batches = 120;
    private const int Repeats = 3;
    private const int BatchSize = 16;
    private const double Allowed = 0.05;
    private static readonly TimeSpan s_slowStep = TimeSpan.FromSeconds(4);

    /// <param name="args">What follows the verb.</param>
    public static Task<int> RunAsync(string[] args)
        => args is ["child", var folder, var batches] ? StreamAsync(folder, int.Parse(batches, CultureInfo.InvariantCulture)) : CompareAsync(new Options(args));

    private static async Task<int> CompareAsync(Options options)
    {
        var (smallMb, largeGb) = (options.Int("small-mb", 100), options.Int("large-gb", 2));
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            var (small, large) = (Path.Combine(scratch.FullName, "small"), Path.Combine(scratch.FullName, "large"));
            await BenchDataset.PackAsync(small, (int)((long)smallMb * 1_000_000 / BytesPerSample), ShardBytes);
            await BenchDataset.LinkAsync(small, large, largeGb * 1_000_000_000L);
            var ratios = new List<double>();
            for (var repeat = 0; repeat < Repeats; repeat++)
            {
                var (one, other) = (await PeakAsync(small), await PeakAsync(large));
                ratios.Add((double)other / one);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"RssAnon peak: {smallMb} MB of shards {one / 1024.0:0.0} MiB, {largeGb} GB {other / 1024.0:0.0} MiB, ratio {ratios[^1]:0.000}"));
            }
            var median = ratios.Order().ElementAt(Repeats / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {median:0.000}, allowed {1 + Allowed:0.00}"));
            return median <= 1 + Allowed ? 0 : 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>Runs the child and returns the peak it prints, in KiB.</summary>
    private static async Task<long> PeakAsync(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["memory", "child", folder, Batches.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        // The loader's process is a trainer.
        TrainerEnvironment.Apply(start.Environment, threads: 2, new Slot("cpu", "CPU"), cache: null);
        return long.Parse((await ChildProcessOutput.ReadAsync(start)).Trim(), CultureInfo.InvariantCulture);
    }

    private static async Task<int> StreamAsync(string folder, int batches)
    {
        var config = BenchDataset.Config(folder, batches * BatchSize, new() { ReadAheadMb = 16, Decoders = 2 });
        var streams = await RunDataLoader.OpenAsync(config, CancellationToken.None);
        var peak = 0L;
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, CancellationToken.None))
        {
            using (batch)
            {
                // A slow first step: everything ahead fills up, so that the peak is the bound and not what the timing made of it.
                if (batch.FirstPosition == 0)
                    await Task.Delay(s_slowStep);
                peak = Math.Max(peak, AnonymousMemory.Own());
            }
        }
        Console.WriteLine(peak.ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
