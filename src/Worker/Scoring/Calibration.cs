namespace ChangeDetection.Worker.Scoring;

/// <summary>Pixels whose probability of change lies in [<paramref name="From"/>, <paramref name="To"/>).</summary>
/// <param name="MeanProbability">The mean predicted probability; null without pixels.</param>
/// <param name="ChangedShare">What was so; null without pixels.</param>
public sealed record ReliabilityBin(double From, double To, long Pixels, double? MeanProbability, double? ChangedShare);

/// <summary>
/// Whether a probability of 0.8 is right four times in five. Of the probability of change, not of the likelier class, which hides a rare class's faults
/// behind the other's ease. Probabilities count as the middles of their histogram's bins, so a mean is off by at most 1/8192.
/// </summary>
/// <param name="Bins">Of equal width.</param>
/// <param name="ExpectedError">
/// Expected calibration error (Naeini, Cooper, Hauskrecht: AAAI 2015): mean over pixels of the distance between the
    /// predicted probability of their bin and its observed frequency.
/// </param>
public sealed record Calibration(IReadOnlyList<ReliabilityBin> Bins, double ExpectedError)
{
    public const int BinCount = 16;

    public static Calibration Of(ProbabilityHistogram histogram)
    {
        const int Width = ProbabilityHistogram.Bins / BinCount;
        var bins = new List<ReliabilityBin>(BinCount);
        var error = 0.0;
        for (var bin = 0; bin < BinCount; bin++)
        {
            long pixels = 0, changed = 0;
            var sum = 0.0;
            for (var i = bin * Width; i < (bin + 1) * Width; i++)
            {
                var here = histogram.Changed[i] + histogram.Unchanged[i];
                pixels += here;
                changed += histogram.Changed[i];
                sum += here * ProbabilityHistogram.Middle(i);
            }
            error += Math.Abs(sum - changed);
            bins.Add(new ReliabilityBin(
                bin / (double)BinCount, (bin + 1) / (double)BinCount, pixels, pixels > 0 ? sum / pixels : null, pixels > 0 ? changed / (double)pixels : null));
        }
        return new Calibration(bins, histogram.Pixels is > 0 and var all ? error / all : 0);
    }
}
