using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Bench.Loader;

/// <summary>The loaders of ours that <c>loader</c> compares, each in a process of its own.</summary>
internal static class LoaderVariants
{
    public const string Child = "child";
    public const string Bare = "bare";
    public const string Stream = "stream";
    public const string Decoded = "decoded";
    public const string Augmented = "augmented";
    private const int Threads = 2;

    public static IReadOnlyList<string> All { get; } = [Bare, Stream, Decoded, Augmented];

    public static string Describe(string variant) => variant switch
    {
        Bare => "bare decode loop of ours",
        Stream => "our stream: checksums, order, bounded memory",
        Decoded => "our stream, second epoch, decoded cache on disk",
        Augmented => "the same, mirrored and turned at random",
        _ => "PyTorch DataLoader over files, PIL",
    };

    public static async Task<LoaderFigures> MeasureAsync(string variant, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["loader", Child, variant, folder]) { RedirectStandardOutput = true };
        // As a worker sets them for its trainers.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_GCConserveMemory"] = "5";
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        return LoaderFigures.Parse(await ChildProcessOutput.ReadAsync(start));
    }

    /// <summary>The measured process.</summary>
    public static async Task<int> RunAsync(string variant, string folder, int samples)
    {
        Console.WriteLine(variant == Bare ? await BareDecoding.MeasureAsync(folder, samples, Threads) : await StreamAsync(variant, folder, samples));
        return 0;
    }

    private static async Task<LoaderFigures> StreamAsync(string variant, string folder, int samples)
    {
        var cached = variant is Decoded or Augmented;
        var config = BenchDataset.Config(folder, samples, new() { Decoders = Threads, DecodedCache = cached ? DecodedCacheKind.Disk : DecodedCacheKind.Off });
        config = config with { Normalize = Normalization.Unit, Augment = variant == Augmented ? new() : new() { Flip = false, Rotate90 = false } };
        using var streams = await RunDataLoader.OpenAsync(config, CancellationToken.None);
        // Every variant goes through all samples once before it is measured: half an epoch in, the runtime is still compiling.
        await ReadAsync(streams, epoch: 0);
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await ReadAsync(streams, epoch: 1);
        return new LoaderFigures(samples, clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }

    private static async Task ReadAsync(RunDataLoader streams, int epoch)
    {
        await foreach (var batch in streams.Training.ReadEpochAsync(epoch, 0, CancellationToken.None))
            batch.Dispose();
    }
}
