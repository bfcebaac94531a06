using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Mean and standard deviation per channel over any number of images, in one pass and constant memory. Sums within an image of integers are exact;
/// images are merged by the parallel update of Chan, Golub and LeVeque (1979), which does not cancel; so the result depends on the images and their
/// order alone.
/// </summary>
internal sealed class ChannelStatistics
{
    private double[] _mean = [];
    private double[] _squares = [];
    private long _count;

    /// <summary>Whether no pixel was added.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Adds all pixels of an image. All images must have as many channels as the first one.</summary>
    /// <param name="valid">0 for pixels that are left out; null where none is.</param>
    public void Add(PixelImage image, PixelImage? valid = null)
    {
        if (valid is not null && (image = Only(image, valid)).Shape.Width == 0)
            return;
        var shape = image.Shape;
        if (_count == 0)
            (_mean, _squares) = (new double[shape.Channels], new double[shape.Channels]);
        var pixels = (long)shape.Width * shape.Height;
        var total = _count + pixels;
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            var (mean, squares) = OfChannel(image, channel, pixels);
            var delta = mean - _mean[channel];
            _mean[channel] += delta * pixels / total;
            _squares[channel] += squares + delta * delta * _count * pixels / total;
        }
        _count = total;
    }

    /// <summary>Means and population deviations. A channel that never varies gets the deviation 1, so that normalising divides by something.</summary>
    public NormalizationStatistics Result() =>
        new([.. _mean], [.. _squares.Select(squares => Math.Sqrt(squares / _count) is > 0 and var deviation ? deviation : 1)]);

    /// <summary>The valid pixels of an image, side by side.</summary>
    private static PixelImage Only(PixelImage image, PixelImage valid)
    {
        var pixel = image.Shape.Channels * image.Shape.BytesPerValue;
        var flags = valid.Bytes;
        var (kept, to) = (new byte[image.Bytes.Length], 0);
        for (var at = 0; at < flags.Length; at++)
        {
            if (flags[at] != 0)
                image.Bytes.Slice(at * pixel, pixel).CopyTo(kept.AsSpan(to++ * pixel));
        }
        return new PixelImage(image.Shape with { Width = to, Height = 1 }, kept);
    }

    private static (double Mean, double Squares) OfChannel(PixelImage image, int channel, long pixels) => image.Shape.Type switch
    {
        PixelType.UInt8 => OfIntegers(image.Bytes, channel, image.Shape.Channels, pixels),
        PixelType.UInt16 => OfIntegers(MemoryMarshal.Cast<byte, ushort>(image.Bytes), channel, image.Shape.Channels, pixels),
        _ => OfFloats(MemoryMarshal.Cast<byte, float>(image.Bytes), channel, image.Shape.Channels, pixels),
    };

    private static (double Mean, double Squares) OfIntegers<T>(ReadOnlySpan<T> values, int channel, int channels, long pixels)
        where T : unmanaged, INumberBase<T>
    {
        // 2^16 squared times the 2^28 pixels that fit in an array is below 2^64.
        var (sum, squares) = (0UL, 0UL);
        for (var at = channel; at < values.Length; at += channels)
        {
            var value = ulong.CreateTruncating(values[at]);
            sum += value;
            squares += value * value;
        }
        return ((double)sum / pixels, (double)((UInt128)squares * (ulong)pixels - (UInt128)sum * sum) / pixels);
    }

    private static (double Mean, double Squares) OfFloats(ReadOnlySpan<float> values, int channel, int channels, long pixels)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var at = channel; at < values.Length; at += channels)
            sum += values[at];
        var mean = sum / pixels;
        for (var at = channel; at < values.Length; at += channels)
            squares += (values[at] - mean) * (values[at] - mean);
        return (mean, squares);
    }
}
