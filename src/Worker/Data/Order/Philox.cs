namespace ChangeDetection.Worker.Data.Order;

/// <summary>What random numbers are drawn for. Draws of different purposes never share a number.</summary>
public enum DrawPurpose : byte
{
    ShardOrder = 1,
    WindowOrder = 2,
    Augmentation = 3,
    Interleave = 4,
    Misregistration = 5,
    Brightness = 6,
    Noise = 7,
}

/// <summary>
/// Philox4x32-10: random numbers as a pure function of a key and a counter, so that any draw can be had without those before it.
/// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: Parallel Random Numbers: As Easy as 1, 2, 3. SC'11, https://doi.org/10.1145/2063384.2063405.
/// The key holds the seed (53 bits) and the purpose above it.
/// </summary>
public readonly struct Philox
{
    /// <summary>Seeds are 0 to this.</summary>
    public const long MaxSeed = (1L << 53) - 1;

    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    private readonly uint _key0;
    private readonly uint _key1;

    /// <exception cref="ArgumentOutOfRangeException">The seed is negative or above <see cref="MaxSeed"/>.</exception>
    public Philox(long seed, DrawPurpose purpose)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seed, MaxSeed);
        (_key0, _key1) = ((uint)seed, (uint)(seed >> 32) | (uint)purpose << 24);
    }

    internal Philox(uint key0, uint key1) => (_key0, _key1) = (key0, key1);

    /// <summary>The 128 random bits of a counter.</summary>
    public (uint A, uint B, uint C, uint D) Draw(uint counter0, uint counter1, uint counter2, uint counter3)
    {
        var (key0, key1) = (_key0, _key1);
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * counter0;
            var product1 = (ulong)Multiplier1 * counter2;
            (counter0, counter1, counter2, counter3) =
                ((uint)(product1 >> 32) ^ counter1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ counter3 ^ key1, (uint)product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        return (counter0, counter1, counter2, counter3);
    }

    /// <summary>Shuffles in place (Fisher and Yates), by the draws of counters (0 … length − 1, <paramref name="counter1"/>, …).</summary>
    internal void Shuffle<T>(Span<T> items, uint counter1, uint counter2, uint counter3)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var (a, b, _, _) = Draw((uint)last, counter1, counter2, counter3);
            var other = (int)Math.BigMul((ulong)a << 32 | b, (ulong)last + 1, out _);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
