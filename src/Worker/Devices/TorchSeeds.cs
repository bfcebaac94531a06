using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// Seeds for torch's generator as a pure function of what they are for: nothing random is carried from step to step, so a run
/// resumed at any step draws what the uninterrupted one drew.
/// </summary>
public static class TorchSeeds
{
    /// <summary>First word of the key of the initial weights.</summary>
    public const long InitialWeights = 1;
    /// <summary>First word of the key of a step's dropout masks.</summary>
    public const long Dropout = 2;

    /// <summary>A hash of the words: SplitMix64's finalizer (Steele, Lea, Flood 2014), chained.</summary>
    public static long Key(params ReadOnlySpan<long> words)
    {
        var state = SplitMix64.Gamma;
        foreach (var word in words)
            state = SplitMix64.Mix(state ^ unchecked((ulong)word)) + SplitMix64.Gamma;
        return unchecked((long)SplitMix64.Mix(state));
    }
}
