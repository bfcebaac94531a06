using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Bench.Memory;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Synthesis;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>blog</c>: a folder of many small pairs in the layout sysu is packed, and a trainer, a real process, trains on it with large batches for some
/// steps. Its peak of anonymous memory may be 2 GiB: the pairs as decoded tensors would be several times that.
/// </summary>
internal static class BlogRoad
{
    private const int Size = 64;
    private const int BatchSize = 32;
    private const double AllowedMib = 2048;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        var (pairs, steps) = (options.Int("pairs", 20_000), options.Int("steps", 30));
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            var (source, packed) = (Path.Combine(scratch.FullName, "source"), Path.Combine(scratch.FullName, "packed"));
            var watch = Stopwatch.StartNew();
            // A folder that was generated before: drawing the scenes takes most of the time, and is not what is measured.
            if (options.Text("source") is { } given)
                source = given;
            else
                await SyntheticDataset.WriteAsync(source, pairs, seed: 1, Size, null, CancellationToken.None);
            Console.WriteLine(Text($"synthesize {pairs} pairs of {Size}x{Size}: {watch.Elapsed.TotalSeconds:0.0} s"));
            watch.Restart();
            var report = await new DatasetPacker(DatasetLayouts.Find("sysu"), new() { Name = "blog", Tool = "bench" })
                .PackAsync(source, new FileObjectStore(packed), null, CancellationToken.None);
            var bytes = report.Manifest.Splits.Values.Sum(split => split.Bytes);
            var seconds = watch.Elapsed.TotalSeconds;
            var (packedMib, ownMib) = (bytes / (double)(1 << 20), AnonymousMemory.Own() / 1024.0);
            Console.WriteLine(Text(
                $"pack: {seconds:0.0} s, {pairs / seconds:0} pairs/s, {packedMib:0.0} MiB, this process's RssAnon {ownMib:0.0} MiB"));
            watch.Restart();
            var config = BenchDataset.Config(packed, BatchSize * steps, new LoaderConfig());
            config = config with { Train = new() { BatchSize = BatchSize, Epochs = 1 } };
            var peak = await TrainerMemory.PeakAsync(config, Path.Combine(scratch.FullName, "store"));
            seconds = watch.Elapsed.TotalSeconds;
            Console.WriteLine(Text(
                $"train {steps} steps of {BatchSize}: {seconds:0.0} s, trainer's RssAnon peak {peak:0.0} MiB, allowed {AllowedMib:0}"));
            return peak <= AllowedMib ? 0 : 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
