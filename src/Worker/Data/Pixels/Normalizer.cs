using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>Turns stored values into network input as <see cref="Normalization"/> says: <c>(value − mean) · factor</c>, per channel.</summary>
public sealed class Normalizer
{
    private readonly Normalization _kind;
    private readonly double[] _means;
    private readonly double[] _deviations;

    /// <param name="kind">How.</param>
    /// <param name="statistics">The data set's, one mean and deviation per channel, of stored values; used where the kind has no figures of its own.</param>
    public Normalizer(Normalization kind, NormalizationStatistics statistics)
    {
        _kind = kind;
        var (mean, deviation) = kind.Figures is { } figures ? (figures.Mean, figures.Deviation) : (statistics.Mean, statistics.Deviation);
        (_means, _deviations) = ([.. mean], [.. deviation]);
    }

    /// <summary>Whether the statistics of all pixels are needed to normalise some.</summary>
    public bool NeedsWholeImage => _kind.Kind is NormalizationKind.Image;

    /// <summary>Writes mean and factor of every value of a row [width, channels] of this image.</summary>
    /// <param name="valid">Which pixels of the image are there, a byte each, 0 for one that is not; empty where all are.</param>
    internal void FillRow(PixelImage image, ReadOnlySpan<byte> valid, Span<float> means, Span<float> factors)
    {
        switch (_kind.Kind)
        {
            case NormalizationKind.Dataset:
            case NormalizationKind.Given when _kind.Figures is { Units: ValueUnits.Stored }:
                Repeat(range: 1, means, factors);
                break;
            case NormalizationKind.ImageNet:
            case NormalizationKind.Given:
                Repeat(Largest(image.Shape.Type), means, factors);
                break;
            case NormalizationKind.Unit:
                means.Clear();
                factors.Fill(1f / (float)Largest(image.Shape.Type));
                break;
            case NormalizationKind.Image:
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

    private static double Largest(PixelType type) => type switch { PixelType.UInt8 => byte.MaxValue, PixelType.UInt16 => ushort.MaxValue, _ => 1 };

    /// <param name="range">What values were divided by before means and deviations were taken.</param>
    private void Repeat(double range, Span<float> means, Span<float> factors)
    {
        for (var at = 0; at < means.Length; at++)
        {
            var channel = at % _means.Length;
            if (at < _means.Length)
                (means[at], factors[at]) = ((float)(_means[channel] * range), Factor(_deviations[channel] * range));
            else
                (means[at], factors[at]) = (means[channel], factors[channel]);
        }
    }
}
