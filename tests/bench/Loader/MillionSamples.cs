using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>million [--samples 1000000]</c>: how long a data set of so many samples takes to open, and what it holds in memory per sample: the manifest, the
/// indexes of the shards that are open together, and the order, at the beginning of an epoch and in the middle of one. Shards are links to one.
/// <c>million child FOLDER</c> is what the measured process runs: code that is compiled for the first time counts too, as it does in a trainer.
/// </summary>
internal static class MillionSamples
{
    private const double AllowedSeconds = 1;
    private const double AllowedBytes = 40;

    /// <param name="args">What follows the verb.</param>
    public static Task<int> RunAsync(string[] args) => args is ["child", var folder]
        ? MeasureAsync(folder)
        : GenerateAsync(new Options(args).Int("samples", 1_000_000));

    private static async Task<int> GenerateAsync(int samples)
    {
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            var (one, all) = (Path.Combine(scratch.FullName, "one"), Path.Combine(scratch.FullName, "all"));
            // Shards of 64 MiB, as they are packed by default.
            await BenchDataset.PackAsync(one, 250, long.MaxValue);
            var shard = (await ShardDataset.OpenAsync(new FileObjectStore(one), CancellationToken.None)).Manifest.Splits["train"].Shards[0];
            await BenchDataset.LinkAsync(one, all, (samples + shard.Samples - 1L) / shard.Samples * shard.Bytes);
            using var child = Process.Start(Environment.ProcessPath!, ["million", "child", all]);
            await child.WaitForExitAsync();
            return child.ExitCode;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(string folder)
    {
        var before = Held();
        var clock = Stopwatch.StartNew();
        var streams = await RunDataLoader.OpenAsync(BenchDataset.Config(folder, int.MaxValue, new() { ReadAheadMb = 16 }), CancellationToken.None);
        _ = streams.Training;
        var opened = clock.Elapsed;
        var samples = streams.Manifest.Splits["train"].Samples;
        var atOpening = Held() - before;

        var shards = streams.Manifest.Splits["train"].Shards;
        var dataset = await ShardDataset.OpenAsync(new FileObjectStore(folder), CancellationToken.None);
        before = Held();
        var indexes = new List<ShardIndex>();
        const int together = 32; // A window, and the next one, which is opened ahead.
        foreach (var shard in shards.Take(together))
            indexes.Add(await dataset.ReadIndexAsync(shard, CancellationToken.None));
        var ofIndexes = Held() - before;
        GC.KeepAlive(indexes);

        before = Held();
        var order = new ShuffledSampler(1, [.. shards.Select(shard => shard.Samples)], windowShards: 16);
        clock.Restart();
        using var places = order.Read(epoch: 3, fromPosition: samples / 2).GetEnumerator();
        places.MoveNext();
        var resumed = clock.Elapsed;
        var ofOrder = Held() - before;

        var perSample = (double)(atOpening + ofIndexes + ofOrder) / samples;
        Console.WriteLine(
            Text($"{samples:#,0} samples in {shards.Count:#,0} shards: ") +
            Text($"opened in {opened.TotalMilliseconds:0} ms, allowed {AllowedSeconds * 1000:0}"));
        Console.WriteLine(
            Text($"held per sample: opened data set {(double)atOpening / samples:0.00} bytes, ") +
            Text($"{together} indexes {(double)ofIndexes / samples:0.00}, order {(double)ofOrder / samples:0.00}; ") +
            Text($"together {perSample:0.00}, allowed {AllowedBytes:0}"));
        Console.WriteLine(
            Text($"index of one shard: {(double)ofIndexes / indexes.Sum(index => index.Count):0} bytes per sample of it; ") +
            Text($"first draw from the middle of an epoch: {resumed.TotalMilliseconds:0.0} ms"));
        return opened.TotalSeconds < AllowedSeconds && perSample <= AllowedBytes ? 0 : 1;
    }

    private static long Held() => GC.GetTotalMemory(forceFullCollection: true);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
