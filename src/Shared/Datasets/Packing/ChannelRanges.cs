using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Range and percentiles per channel over the valid pixels of any number of images, in constant memory. Ranges are exact. Percentiles of integers are exact
/// too; those of floats are of an even sample: every 2^k-th pixel, k growing with their number.
/// </summary>
internal sealed class ChannelRanges
{
    private const double LowShare = 0.02, HighShare = 0.98;
    private const int SampleSize = 1 << 16;

    private Channel[] _channels = [];

    /// <param name="valid">0 for pixels that are left out; null where none is.</param>
    public void Add(PixelImage image, PixelImage? valid)
    {
        var shape = image.Shape;
        if (_channels.Length == 0)
            _channels = [.. Enumerable.Range(0, shape.Channels).Select(_ => new Channel(shape.Type))];
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            switch (shape.Type)
            {
                case PixelType.UInt8: Count(image.Bytes, channel, valid); break;
                case PixelType.UInt16: Count(MemoryMarshal.Cast<byte, ushort>(image.Bytes), channel, valid); break;
                default: Sample(MemoryMarshal.Cast<byte, float>(image.Bytes), channel, valid); break;
            }
        }
    }

    /// <summary>Per channel; zeros where no pixel was added.</summary>
    public IReadOnlyList<BandRange> Result() => [.. _channels.Select(channel => channel.Counts is { } counts ? OfCounts(counts) : OfSample(channel))];

    private void Count<T>(ReadOnlySpan<T> values, int channel, PixelImage? valid) where T : unmanaged, IBinaryInteger<T>
    {
        var (counts, channels) = (_channels[channel].Counts!, _channels.Length);
        var flags = valid is null ? default : valid.Bytes;
        for (int pixel = 0, at = channel; at < values.Length; pixel++, at += channels)
        {
            if (flags.IsEmpty || flags[pixel] != 0)
                counts[int.CreateTruncating(values[at])]++;
        }
    }

    private void Sample(ReadOnlySpan<float> values, int channel, PixelImage? valid)
    {
        var (into, channels) = (_channels[channel], _channels.Length);
        var flags = valid is null ? default : valid.Bytes;
        for (int pixel = 0, at = channel; at < values.Length; pixel++, at += channels)
        {
            if (flags.IsEmpty || flags[pixel] != 0)
                into.Add(values[at]);
        }
    }

    private static BandRange OfCounts(long[] counts)
    {
        var total = counts.Sum();
        if (total == 0)
            return new(0, 0, 0, 0);
        return new(Array.FindIndex(counts, count => count > 0), At(LowShare), At(HighShare), Array.FindLastIndex(counts, count => count > 0));

        double At(double share)
        {
            var (rank, passed, value) = ((long)Math.Ceiling(share * total), 0L, 0);
            while ((passed += counts[value]) < rank)
                value++;
            return value;
        }
    }

    private static BandRange OfSample(Channel channel)
    {
        if (channel.Sample.Count == 0)
            return new(0, 0, 0, 0);
        var sorted = channel.Sample.Order().ToList();
        return new(channel.Minimum, At(LowShare), At(HighShare), channel.Maximum);

        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }

    /// <summary>One channel's counts of integers, or sample of floats.</summary>
    private sealed class Channel(PixelType type)
    {
        private long _seen;
        private int _every = 1;

        public long[]? Counts { get; } = type switch { PixelType.UInt8 => new long[1 << 8], PixelType.UInt16 => new long[1 << 16], _ => null };
        public List<float> Sample { get; } = [];
        public double Minimum { get; private set; } = double.PositiveInfinity;
        public double Maximum { get; private set; } = double.NegativeInfinity;

        public void Add(float value)
        {
            (Minimum, Maximum) = (Math.Min(Minimum, value), Math.Max(Maximum, value));
            if (_seen++ % _every != 0)
                return;
            Sample.Add(value);
            if (Sample.Count < SampleSize)
                return;
            // Every second one stays: the sample is as even as before, at twice the distance.
            for (var at = 0; at < SampleSize / 2; at++)
                Sample[at] = Sample[2 * at];
            Sample.RemoveRange(SampleSize / 2, SampleSize / 2);
            _every *= 2;
        }
    }
}
