using System.Globalization;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>loader [--rounds 3]</c>: samples per second and processor time per sample, decoding to float tensors included, over the same 2,000 triples of
/// 256x256 and on two threads: our whole stream from shards, a bare loop of our decoder over the same bytes, the stream's second epoch from the
/// decoded cache, and PyTorch's DataLoader over files. Each round runs each of them once, in a process of its own; medians are compared.
/// </summary>
internal static class LoaderBenchmark
{
    private const int Samples = 2000;
    private const int DefaultRounds = 3;

    /// <summary>What must be reached: the ratio, the least or most it may be, and how it is called.</summary>
    private sealed record Goal(string Text, double Value, double Bound, bool AtLeast)
    {
        public bool IsReached => AtLeast ? Value >= Bound : Value <= Bound;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [LoaderVariants.Child, var variant, var shards])
            return await LoaderVariants.RunAsync(variant, shards, Samples);
        var rounds = new Options(args).Int("rounds", DefaultRounds);
        // Not /tmp, which may be memory: the decoded cache belongs on a disk.
        var scratch = Directory.CreateDirectory(Path.Combine("/var/tmp", $"changedetection-bench-{Environment.ProcessId}"));
        try
        {
            var (folder, files) = (Path.Combine(scratch.FullName, "shards"), Path.Combine(scratch.FullName, "files"));
            var imageBytes = await BenchDataset.PackWithFilesAsync(folder, files, Samples);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Samples} triples of 256x256, {imageBytes / 1000.0:0} kB per RGB image, 2 threads, {rounds} rounds"));
            var torch = await TorchLoader.FindAsync();
            if (torch is null)
                Console.WriteLine(
                    "PyTorch's DataLoader is left out: no python3 here imports torch, numpy and PIL " +
                    "(Debian: apt-get install python3-torch python3-pil).");
            var measured = await MeasureAsync(rounds, folder, files, torch);
            return Report(measured);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<Dictionary<string, List<LoaderFigures>>> MeasureAsync(int rounds, string folder, string files, TorchLoader? torch)
    {
        var measured = new Dictionary<string, List<LoaderFigures>>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var variant in LoaderVariants.All)
                Add(variant, await LoaderVariants.MeasureAsync(variant, folder));
            if (torch is not null)
                Add(TorchLoader.Name, await torch.MeasureAsync(files, Samples));
        }
        return measured;

        void Add(string variant, LoaderFigures figures)
        {
            measured.TryAdd(variant, []);
            measured[variant].Add(figures);
        }
    }

    private static int Report(Dictionary<string, List<LoaderFigures>> measured)
    {
        Console.WriteLine("| loader | samples/s | CPU-ms per sample |");
        Console.WriteLine("|---|---|---|");
        foreach (var (variant, rounds) in measured)
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {LoaderVariants.Describe(variant)} | {PerSecond(rounds):0} | {CpuMs(rounds):0.00} |"));
        var stream = measured[LoaderVariants.Stream];
        var goals = new List<Goal>
        {
            new("stream / bare loop, samples per second", PerSecond(stream) / PerSecond(measured[LoaderVariants.Bare]), 0.9, AtLeast: true),
            new("second epoch, CPU-ms per sample", CpuMs(measured[LoaderVariants.Decoded]), 0.4, AtLeast: false),
        };
        if (measured.TryGetValue(TorchLoader.Name, out var torch))
            goals.Add(new("stream / PyTorch DataLoader, samples per second", PerSecond(stream) / PerSecond(torch), 3, AtLeast: true));
        foreach (var goal in goals)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{goal.Text}: {goal.Value:0.00}, wanted {(goal.AtLeast ? "at least" : "at most")} {goal.Bound}: {(goal.IsReached ? "reached" : "missed")}"));
        return goals.TrueForAll(goal => goal.IsReached) ? 0 : 1;
    }

    private static double PerSecond(List<LoaderFigures> rounds) => Median(rounds.Select(round => round.Samples / round.Seconds));

    private static double CpuMs(List<LoaderFigures> rounds) => Median(rounds.Select(round => 1000 * round.CpuSeconds / round.Samples));

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}

/// <summary>What a measured process did.</summary>
internal sealed record LoaderFigures(int Samples, double Seconds, double CpuSeconds)
{
    /// <summary>Reads the line that the process prints: samples, seconds, seconds of the processor.</summary>
    public static LoaderFigures Parse(string line)
    {
        var words = line.Trim().Split(' ');
        return new(
            int.Parse(words[0], CultureInfo.InvariantCulture),
            double.Parse(words[1], CultureInfo.InvariantCulture),
            double.Parse(words[2], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Samples} {Seconds} {CpuSeconds}");
}
