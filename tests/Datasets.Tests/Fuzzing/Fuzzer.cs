using System.Diagnostics;
using System.Globalization;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>
/// Feeds a target mutated inputs for a time, in a process of its own: native decoders can crash one. The input at hand lies in a file, so that
/// a crash leaves it behind. The same seed gives the same inputs.
/// </summary>
internal static class Fuzzer
{
    private const int InputFactor = 40;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);

    /// <param name="file">Where the input at hand lies.</param>
    /// <returns>What was done, as a line.</returns>
    public static string Run(string name, int seed, TimeSpan time, string file)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var (seeds, mutator) = (target.Seeds(), new Mutator(new Random(seed)));
        foreach (var sound in seeds)
            target.Read(sound);
        using var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write, FileShare.Read);
        var (inputs, taken, begun) = (0, 0, Stopwatch.GetTimestamp());
        using var watch = new Timer(_ => Give(name, Volatile.Read(ref begun)), null, s_longest, s_longest / 4);
        for (var start = Stopwatch.StartNew(); start.Elapsed < time; inputs++)
        {
            var input = mutator.Mutate(seeds[mutator.Random.Next(seeds.Count)], seeds[mutator.Random.Next(seeds.Count)]);
            if (mutator.Random.Next(2) == 0)
                input = target.Repair(mutator, input);
            RandomAccess.SetLength(handle, 0);
            RandomAccess.Write(handle, input, 0);
            Volatile.Write(ref begun, Stopwatch.GetTimestamp());
            taken += Read(target, input) ? 1 : 0;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {inputs} inputs, {taken} taken, peak {PeakMib()} MiB");
    }

    private static bool Read(FuzzTarget target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var taken = true;
        try
        {
            target.Read(input);
        }
        catch (Exception error) when (target.IsRefusal(error))
        {
            taken = false;
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= target.Budget + (long)InputFactor * input.Length
            ? taken
            : throw new InvalidOperationException($"{target.Name}: reading {input.Length} bytes allocated {allocated}");
    }

    private static void Give(string name, long begun)
    {
        if (Stopwatch.GetElapsedTime(begun) > s_longest)
            Environment.FailFast($"{name}: one input took longer than {s_longest}");
    }

    private static long PeakMib() =>
        long.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) >> 10;
}
