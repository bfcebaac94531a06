using ChangeDetection.Core.Hashing;
using CsCheck;

namespace ChangeDetection.Core.Tests.Hashing;

public sealed class SplitMix64Tests
{
    /// <summary>The first numbers of the reference implementation (Vigna, splitmix64.c) from the state 1234567.</summary>
    [Fact]
    public void Next_IsTheReferences()
    {
        var state = 1234567UL;
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            Enumerable.Range(0, 5).Select(_ => SplitMix64.Next(ref state)));
    }

    [Fact]
    public void Mix_IsABijection() => Gen.ULong.Sample(number => Unmix(SplitMix64.Mix(number)) == number);

    /// <summary>Each step of the finalizer undone: the multipliers by their inverses modulo 2^64, the shifts by shifting twice.</summary>
    private static ulong Unmix(ulong z)
    {
        z ^= (z >> 31) ^ (z >> 62);
        z *= 0x3196_42B2_D24D_8EC3;
        z ^= (z >> 27) ^ (z >> 54);
        z *= 0x96DE_1B17_3F11_9089;
        return z ^ (z >> 30) ^ (z >> 60);
    }
}
