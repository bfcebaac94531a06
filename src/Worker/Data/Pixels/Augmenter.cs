using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// All that is done at random to the samples of an epoch. Of (seed, epoch, position) and the sample alone: threads, caches and restarts change nothing.
/// </summary>
/// <param name="allowed">Which of the changes may be drawn.</param>
/// <param name="crop">Side of the square crop; null: whole images.</param>
/// <param name="minChange">Share of changed among the labelled pixels that a crop should have; null: any crop will do.</param>
internal sealed class Augmenter(long seed, int epoch, AugmentConfig allowed, int? crop, double? minChange)
{
    /// <summary>Crops that are drawn at most for one that has enough change.</summary>
    public const int Tries = 16;

    private readonly PhotometricAugmentation _input = new(seed, epoch, allowed);

    /// <summary>Whole images as they are.</summary>
    public static Augmenter None { get; } = new(0, 0, new AugmentConfig { Flip = false, Rotate90 = false }, crop: null, minChange: null);

    /// <summary>
    /// What is done to the place of a sample's pixels. Of the crops drawn in turn the first with enough change, or the first of those with the most. A crop
    /// without a labelled pixel is taken only where all are.
    /// </summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="count">Counts a crop's pixels. Is asked only where crops are chosen by their change; null when the mask cannot be read.</param>
    /// <returns>Null where <paramref name="count"/> gave null.</returns>
    public GeometricAugmentation? Draw(int position, int height, int width, Func<GeometricAugmentation, LabelCounts?> count)
    {
        var best = At(position, height, width, 0);
        if (minChange is not { } share)
            return best;
        var most = default(LabelCounts);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var drawn = At(position, height, width, attempt);
            if (count(drawn) is not { } found)
                return null;
            if (found.HasMoreChangeThan(most))
                (best, most) = (drawn, found);
            // The share of a crop that is labelled throughout is 1, and changes no bit of the product.
            var labelled = found.Labelled / (double)(drawn.Height * drawn.Width);
            if (found.Labelled > 0 && found.Changed >= share * drawn.Height * drawn.Width * labelled)
                break;
        }
        return best;
    }

    /// <summary>Changes a date's normalised values, which are of the sample at a position.</summary>
    /// <param name="second">Whether it is the second date.</param>
    public void ChangeInput(int position, bool second, Span<float> values) => _input.Apply(position, second, values);

    private GeometricAugmentation At(int position, int height, int width, int attempt) =>
        GeometricAugmentation.Draw(seed, epoch, position, allowed, crop, height, width, attempt);
}
