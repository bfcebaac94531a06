using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>Mean and (population) deviation over all channels and pixels of a whole image, before any crop.</summary>
internal static class PixelStatistics
{
    public static (double Mean, double Deviation) Of(PixelImage image) => image.Shape.Type switch
    {
        PixelType.UInt8 => OfIntegers(image.Bytes),
        PixelType.UInt16 => OfIntegers(MemoryMarshal.Cast<byte, ushort>(image.Bytes)),
        _ => OfFloats(MemoryMarshal.Cast<byte, float>(image.Bytes)),
    };

    /// <summary>The same of the pixels that are there; 0 and 0 where none is.</summary>
    /// <param name="valid">One byte a pixel: 0 where there is none.</param>
    public static (double Mean, double Deviation) Of(PixelImage image, ReadOnlySpan<byte> valid) => image.Shape.Type switch
    {
        PixelType.UInt8 => OfIntegers(image.Bytes, valid),
        PixelType.UInt16 => OfIntegers(MemoryMarshal.Cast<byte, ushort>(image.Bytes), valid),
        _ => OfFloats(MemoryMarshal.Cast<byte, float>(image.Bytes), valid),
    };

    private static (double, double) OfIntegers(ReadOnlySpan<byte> values)
    {
        var (sum, squares) = (0L, 0L);
        foreach (int value in values)
        {
            sum += value;
            squares += value * value;
        }
        return OfSums(sum, squares, values.Length);
    }

    private static (double, double) OfIntegers(ReadOnlySpan<ushort> values)
    {
        var (sum, squares) = (0L, 0L);
        foreach (long value in values)
        {
            sum += value;
            squares += value * value;
        }
        return OfSums(sum, squares, values.Length);
    }

    private static (double, double) OfIntegers<T>(ReadOnlySpan<T> values, ReadOnlySpan<byte> valid) where T : unmanaged, IBinaryInteger<T>
    {
        var channels = values.Length / valid.Length;
        var (sum, squares, count) = (0L, 0L, 0);
        for (var pixel = 0; pixel < valid.Length; pixel++)
        {
            if (valid[pixel] == 0)
                continue;
            foreach (var stored in values.Slice(pixel * channels, channels))
            {
                var value = long.CreateTruncating(stored);
                sum += value;
                squares += value * value;
            }
            count += channels;
        }
        return OfSums(sum, squares, count);
    }

    private static (double, double) OfSums(long sum, long squares, int count)
    {
        // n·Σx² − (Σx)² is exact in 128 bits, so nothing cancels.
        var spread = (Int128)squares * count - (Int128)sum * sum;
        return count == 0 ? (0, 0) : ((double)sum / count, Math.Sqrt((double)spread) / count);
    }

    private static (double, double) OfFloats(ReadOnlySpan<float> values)
    {
        var (mean, spread) = (0.0, 0.0);
        foreach (double value in values)
            mean += value;
        mean /= values.Length;
        foreach (double value in values)
            spread += (value - mean) * (value - mean);
        return (mean, Math.Sqrt(spread / values.Length));
    }

    private static (double, double) OfFloats(ReadOnlySpan<float> values, ReadOnlySpan<byte> valid)
    {
        var (mean, spread, count) = (0.0, 0.0, 0);
        var channels = values.Length / valid.Length;
        for (var at = 0; at < values.Length; at++)
        {
            if (valid[at / channels] != 0)
                (mean, count) = (mean + values[at], count + 1);
        }
        if (count == 0)
            return (0, 0);
        mean /= count;
        for (var at = 0; at < values.Length; at++)
        {
            if (valid[at / channels] != 0)
                spread += (values[at] - mean) * (values[at] - mean);
        }
        return (mean, Math.Sqrt(spread / count));
    }
}
