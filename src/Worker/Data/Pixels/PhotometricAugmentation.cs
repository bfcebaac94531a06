using System.Numerics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// Brightness, contrast and noise, drawn for each date by itself: x · gain + offset + noise, on the network's input. Of (seed, epoch, position, date), and of
/// operations that every processor rounds alike (no logarithm or sine), so that a run goes on in the same bits wherever it is resumed.
/// </summary>
internal sealed class PhotometricAugmentation(long seed, int epoch, AugmentConfig allowed)
{
    /// <summary>Eight bytes of one draw add up to a number of this mean…</summary>
    private const float Mean = 8 * 127.5f;
    /// <summary>… and variance, 8 (256² − 1) / 12, which is normal to within 0.005 in distribution.</summary>
    private const float Variance = 8 * 65_535 / 12f;

    private readonly Philox _brightness = new(seed, DrawPurpose.Brightness);
    private readonly Philox _noise = new(seed, DrawPurpose.Noise);

    public void Apply(int position, bool second, Span<float> values)
    {
        if (allowed.Brightness > 0 || allowed.Contrast > 0)
            Scale(position, second, values);
        if (allowed.Noise > 0)
            AddNoise(position, second, values);
    }

    private void Scale(int position, bool second, Span<float> values)
    {
        var (a, b, _, _) = _brightness.Draw(second ? 1u : 0u, (uint)position, (uint)epoch, 0);
        var (gain, offset) = ((float)(1 + allowed.Contrast * Symmetric(a)), (float)(allowed.Brightness * Symmetric(b)));
        var at = 0;
        for (; at <= values.Length - Vector<float>.Count; at += Vector<float>.Count)
            (new Vector<float>(values[at..]) * new Vector<float>(gain) + new Vector<float>(offset)).CopyTo(values[at..]);
        for (; at < values.Length; at++)
            values[at] = values[at] * gain + offset;
    }

    private void AddNoise(int position, bool second, Span<float> values)
    {
        var factor = (float)allowed.Noise / MathF.Sqrt(Variance);
        for (var at = 0; at < values.Length; at += 2)
        {
            var (a, b, c, d) = _noise.Draw((uint)at >> 1, (uint)position, (uint)epoch, second ? 1u : 0u);
            values[at] += (Sum(a, b) - Mean) * factor;
            if (at + 1 < values.Length)
                values[at + 1] += (Sum(c, d) - Mean) * factor;
        }
    }

    /// <summary>In [−1, 1).</summary>
    private static double Symmetric(uint random) => random / 2147483648.0 - 1;

    /// <summary>Of the eight bytes.</summary>
    private static int Sum(uint a, uint b)
    {
        const uint Even = 0x00FF00FF;
        var pairs = (a & Even) + (a >> 8 & Even) + (b & Even) + (b >> 8 & Even);
        return (int)((pairs & 0xFFFF) + (pairs >> 16));
    }
}
