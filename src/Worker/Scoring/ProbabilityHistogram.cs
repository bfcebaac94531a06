namespace ChangeDetection.Worker.Scoring;

/// <summary>
/// How often each probability of change was given to pixels that changed, and to those that did not, in <see cref="Bins"/> equal bins: all that curves,
/// thresholds and calibration need of a split, in 64 KiB however large it is. Whole numbers alone, so the order of the pixels changes nothing.
/// The error of it: a threshold that is a multiple of 1/4096 is met exactly; two probabilities less than that apart may count as equal.
/// </summary>
public sealed class ProbabilityHistogram
{
    /// <summary>A power of two: scaling a float by it is exact, so a pixel is in bin b or above exactly when its probability is at least b / Bins.</summary>
    public const int Bins = 4096;

    private readonly long[] _unchanged = new long[Bins];
    private readonly long[] _changed = new long[Bins];

    /// <summary>Pixels without change, by bin.</summary>
    public ReadOnlySpan<long> Unchanged => _unchanged;

    /// <summary>Pixels with change, by bin.</summary>
    public ReadOnlySpan<long> Changed => _changed;

    public long Pixels => _unchanged.Sum() + _changed.Sum();

    public long ChangedPixels => _changed.Sum();

    /// <summary>The bin of a probability in [0, 1]; 1 is in the last.</summary>
    public static int BinOf(float probability) => Math.Min((int)(probability * Bins), Bins - 1);

    /// <summary>The middle of a bin, which stands for every probability in it: off by at most 1/8192.</summary>
    public static double Middle(int bin) => (bin + 0.5) / Bins;

    /// <param name="unchanged">Counts of each bin.</param>
    /// <param name="changed">Counts of each bin.</param>
    public void Add(ReadOnlySpan<long> unchanged, ReadOnlySpan<long> changed)
    {
        for (var bin = 0; bin < Bins; bin++)
        {
            _unchanged[bin] += unchanged[bin];
            _changed[bin] += changed[bin];
        }
    }
}
