using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ChangeDetection.Bench.Step;

/// <summary>
/// FC-Siam-diff's training step as the worker runs it, against the same network as TorchSharp gives it by default. Either variant runs in child processes
/// (allocator settings are read at a process's start), alternating, and the medians are compared.
/// </summary>
internal static class StepBenchmark
{
    private const double WantedSpeedup = 1.4;
    private const double WantedShare = 0.6;
    private const double LossTolerance = 1e-4;

    public static int Run(string[] arguments)
    {
        var rounds = new Options(arguments).Int("rounds", 5);
        var results = new Dictionary<string, List<StepTiming>>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var variant in StepVariants.Names)
            {
                var timing = RunChild(variant, arguments);
                if (!results.TryGetValue(variant, out var timings))
                    results[variant] = timings = [];
                timings.Add(timing);
                Console.Error.WriteLine(
                    Text($"round {round + 1} {variant,-10} {timing.StepSeconds:0.000} s/step  {timing.StepGflops:0.0} GFLOP/s  ") +
                    Text($"product {timing.ProductGflops:0.0} GFLOP/s"));
            }
        }
        return Report(results[StepVariants.Default], results[StepVariants.Optimised]);
    }

    private static int Report(List<StepTiming> plain, List<StepTiming> optimised)
    {
        var speedup = Median(plain.Select(timing => timing.StepSeconds)) / Median(optimised.Select(timing => timing.StepSeconds));
        var share = Median(optimised.Select(timing => timing.StepGflops / timing.ProductGflops));
        var difference = plain[0].Losses.Zip(optimised[0].Losses, (a, b) => Math.Abs(a - b)).Max();
        Console.WriteLine(Text($"speed-up over TorchSharp's defaults: {speedup:0.00} (wanted {WantedSpeedup})"));
        Console.WriteLine(Text($"share of a matrix product's GFLOP/s:  {share:0.00} (wanted {WantedShare})"));
        Console.WriteLine(Text($"largest difference of losses:         {difference:0.0e0} (allowed {LossTolerance:0.0e0})"));
        return speedup >= WantedSpeedup && share >= WantedShare && difference <= LossTolerance ? 0 : 1;
    }

    private static StepTiming RunChild(string variant, string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [StepVariants.Verb, variant, .. arguments]) { RedirectStandardOutput = true };
        if (variant == StepVariants.Optimised)
        {
            foreach (var (name, value) in Worker.Devices.AllocatorSettings.Environment)
                start.Environment[name] = value;
        }
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0)
            throw new InvalidOperationException($"Variant '{variant}' ended with exit code {child.ExitCode}.");
        return JsonSerializer.Deserialize<StepTiming>(output)!;
    }

    internal static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a child process measured: medians, and the loss of every step from the first.</summary>
internal sealed record StepTiming(double StepSeconds, double StepGflops, double ProductGflops, IReadOnlyList<double> Losses);
