using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// Makes two dates visible. Grey and RGB of 8 bits stay as they are. Of anything else three bands are shown — the first three, or of
/// Sentinel-2's thirteen the red, green and blue ones — each stretched between its 2nd and 98th percentile over both dates together,
/// so that the dates stay comparable.
/// </summary>
internal static class DisplayBands
{
    /// <summary>Values per percentile, at most; more change nothing that an eye sees.</summary>
    private const int Sampled = 1 << 17;

    /// <returns>Interleaved RGB of either date.</returns>
    public static (byte[] Before, byte[] After) Convert(PixelImage before, PixelImage after)
    {
        var shape = before.Shape;
        var (first, second) = (new byte[shape.Width * shape.Height * 3], new byte[shape.Width * shape.Height * 3]);
        var plain = shape.Type == PixelType.UInt8 && shape.Channels is 1 or 3;
        int[] bands = shape.Channels switch { 13 => [3, 2, 1], >= 3 => [0, 1, 2], _ => [0, 0, 0] };
        for (var channel = 0; channel < 3; channel++)
        {
            var (low, high) = plain ? (0f, 255f) : Range(before, after, bands[channel]);
            Stretch(before, bands[channel], low, high, first, channel);
            Stretch(after, bands[channel], low, high, second, channel);
        }
        return (first, second);
    }

    private static (float Low, float High) Range(PixelImage before, PixelImage after, int band)
    {
        var pixels = before.Shape.Width * before.Shape.Height;
        var step = Math.Max(1, 2 * pixels / Sampled);
        var values = new List<float>();
        for (var at = 0; at < pixels; at += step)
        {
            values.Add(Value(before, at, band));
            values.Add(Value(after, at, band));
        }
        values.RemoveAll(static value => !float.IsFinite(value));
        if (values.Count == 0)
            return (0, 1);
        values.Sort();
        var (low, high) = (values[(int)(values.Count * 0.02)], values[(int)((values.Count - 1) * 0.98)]);
        return high > low ? (low, high) : (low, low + 1);
    }

    private static void Stretch(PixelImage image, int band, float low, float high, byte[] shown, int channel)
    {
        for (var at = 0; at < shown.Length / 3; at++)
        {
            var scaled = (Value(image, at, band) - low) / (high - low) * 255;
            shown[3 * at + channel] = float.IsNaN(scaled) ? (byte)0 : (byte)Math.Clamp(scaled + 0.5f, 0, 255);
        }
    }

    private static float Value(PixelImage image, int pixel, int band)
    {
        var at = pixel * image.Shape.Channels + band;
        return image.Shape.Type switch
        {
            PixelType.UInt8 => image.Pixels[at],
            PixelType.UInt16 => MemoryMarshal.Cast<byte, ushort>(image.Bytes)[at],
            _ => MemoryMarshal.Cast<byte, float>(image.Bytes)[at],
        };
    }
}
