using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>Turns stored values into network input as <see cref="Normalization"/> says: <c>(value − mean) · factor</c>, per channel.</summary>
public sealed class Normalizer
{
    private readonly Normalization _kind;
    private readonly float[] _means;
    private readonly float[] _factors;

    /// <param name="kind">How.</param>
    /// <param name="statistics">The data set's; one mean and deviation per channel.</param>
    public Normalizer(Normalization kind, NormalizationStatistics statistics)
    {
        _kind = kind;
        _means = [.. statistics.Mean.Select(mean => (float)mean)];
        _factors = [.. statistics.Deviation.Select(Factor)];
    }

    /// <summary>Whether the statistics of all pixels are needed to normalise some.</summary>
    public bool NeedsWholeImage => _kind == Normalization.Image;

    /// <summary>Writes mean and factor of every value of a row [width, channels] of this image.</summary>
    /// <param name="valid">Which pixels of the image are there, a byte each, 0 for one that is not; empty where all are.</param>
    internal void FillRow(PixelImage image, ReadOnlySpan<byte> valid, Span<float> means, Span<float> factors)
    {
        switch (_kind)
        {
            case Normalization.Dataset:
                Repeat(_means, means);
                Repeat(_factors, factors);
                break;
            case Normalization.Unit:
                means.Clear();
                factors.Fill(image.Shape.Type switch { PixelType.UInt8 => 1f / byte.MaxValue, PixelType.UInt16 => 1f / ushort.MaxValue, _ => 1f });
                break;
            case Normalization.Image:
                var (mean, deviation) = valid.IsEmpty ? PixelStatistics.Of(image) : PixelStatistics.Of(image, valid);
                means.Fill((float)mean);
                factors.Fill(Factor(deviation));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(image), _kind, "Not a normalization.");
        }
    }

    /// <summary>An image of one value all over has the deviation 0; it becomes zeros, not NaN.</summary>
    private static float Factor(double deviation) => deviation > 0 ? (float)(1 / deviation) : 1f;

    private static void Repeat(float[] pattern, Span<float> target)
    {
        for (var at = 0; at < target.Length; at += pattern.Length)
            pattern.CopyTo(target[at..]);
    }
}
