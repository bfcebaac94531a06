using System.Globalization;
using ChangeDetection.Datasets.Tests.Fuzzing;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests;

/// <summary>The parts that this test program plays as a child of its own (see <see cref="ChildRole"/>).</summary>
internal static class ChildParts
{
    /// <summary>A reader under mutated input, which may crash.</summary>
    public static int Play(string role, string[] arguments)
    {
        if (role != "fuzz")
            throw new ArgumentException($"There is no part '{role}'.", nameof(role));
        var (seed, seconds) = (int.Parse(arguments[1], CultureInfo.InvariantCulture), double.Parse(arguments[2], CultureInfo.InvariantCulture));
        Console.WriteLine(Fuzzer.Run(arguments[0], seed, TimeSpan.FromSeconds(seconds), arguments[3]));
        return 0;
    }
}
