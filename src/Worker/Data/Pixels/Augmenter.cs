using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// All that is done at random to the samples of an epoch. Of (seed, epoch, position) and the sample alone: threads, caches and restarts change nothing.
/// </summary>
/// <param name="allowed">Which of the changes may be drawn.</param>
/// <param name="crop">Side of the square crop; null: whole images.</param>
/// <param name="minChange">Share of changed pixels that a crop should have; null: any crop will do.</param>
internal sealed class Augmenter(long seed, int epoch, AugmentConfig allowed, int? crop, double? minChange)
{
    /// <summary>Crops that are drawn at most for one that has enough change.</summary>
    public const int Tries = 16;

    private readonly PhotometricAugmentation _input = new(seed, epoch, allowed);

    /// <summary>Whole images as they are.</summary>
    public static Augmenter None { get; } = new(0, 0, new AugmentConfig { Flip = false, Rotate90 = false }, crop: null, minChange: null);

    /// <summary>
    /// What is done to the place of a sample's pixels. Of the crops drawn in turn the first with enough change, or the first of those with the most.
    /// </summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="changed">Counts a crop's changed pixels. Is asked only where crops are chosen by their change; null when the mask cannot be read.</param>
    /// <returns>Null where <paramref name="changed"/> gave null.</returns>
    public GeometricAugmentation? Draw(int position, int height, int width, Func<GeometricAugmentation, long?> changed)
    {
        var best = At(position, height, width, 0);
        if (minChange is not { } share)
            return best;
        var most = -1L;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var drawn = At(position, height, width, attempt);
            if (changed(drawn) is not { } count)
                return null;
            if (count > most)
                (best, most) = (drawn, count);
            if (count >= share * drawn.Height * drawn.Width)
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
