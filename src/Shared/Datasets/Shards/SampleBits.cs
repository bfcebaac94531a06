using System.Numerics;

namespace ChangeDetection.Datasets.Shards;

/// <summary>One bit per sample of a shard, the lowest of a byte first: which of them have something in common.</summary>
public sealed class SampleBits
{
    private readonly byte[] _bits;

    private SampleBits(byte[] bits, int count) => (_bits, Count) = (bits, count);

    /// <summary>Samples of the shard.</summary>
    public int Count { get; }

    /// <summary>How many of them have their bit set.</summary>
    public int Set => _bits.Sum(bits => BitOperations.PopCount(bits));

    public static SampleBits Of(IReadOnlyList<bool> samples)
    {
        var bits = new byte[(samples.Count + 7) / 8];
        for (var sample = 0; sample < samples.Count; sample++)
            bits[sample >> 3] |= samples[sample] ? (byte)(1 << (sample & 7)) : (byte)0;
        return new(bits, samples.Count);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is not the text of so many samples.</summary>
    public static SampleBits? Parse(string text, int count)
    {
        var length = (count + 7L) / 8;
        // The text is there, so no declared count sizes the buffer.
        if (text.Length != (length + 2) / 3 * 4)
            return null;
        var bits = new byte[length];
        if (!Convert.TryFromBase64String(text, bits, out var written) || written != length)
            return null;
        // Bits beyond the last sample would be counted.
        return (count & 7) == 0 || bits[^1] >> (count & 7) == 0 ? new(bits, count) : null;
    }

    /// <summary>The other samples.</summary>
    public SampleBits Complement() => Of([.. Enumerable.Range(0, Count).Select(sample => !this[sample])]);

    public bool this[int sample] => (_bits[sample >> 3] >> (sample & 7) & 1) != 0;

    /// <summary>The sample that has the set bit number <paramref name="rank"/>, from 0.</summary>
    public int Select(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        for (var at = 0; at < _bits.Length; at++)
        {
            if (rank >= BitOperations.PopCount(_bits[at]))
            {
                rank -= BitOperations.PopCount(_bits[at]);
                continue;
            }
            var rest = (uint)_bits[at];
            for (; rank > 0; rank--)
                rest &= rest - 1;
            return at * 8 + BitOperations.TrailingZeroCount(rest);
        }
        throw new ArgumentOutOfRangeException(nameof(rank));
    }

    /// <summary>The bits in base64.</summary>
    public override string ToString() => Convert.ToBase64String(_bits);
}
