namespace ChangeDetection.Core.Hashing;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): integer arithmetic alone, so the same numbers on
/// every machine and under every runtime. What is drawn with it stands in data sets, weights and reports: it never changes.
/// </summary>
public static class SplitMix64
{
    /// <summary>The step of the counter: 2^64 divided by the golden ratio, odd.</summary>
    public const ulong Gamma = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The next number of the sequence that begins behind <paramref name="state"/>.</summary>
    public static ulong Next(ref ulong state) => Mix(unchecked(state += Gamma));

    /// <summary>The finalizer: a bijection of the 64-bit numbers in which each bit of the result depends on all bits of <paramref name="z"/>.</summary>
    public static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
