using System.Buffers.Binary;

namespace ChangeDetection.Datasets.Tests.Fuzzing;

/// <summary>
/// Changes that know nothing of a format: bits, bytes, numbers that programs stumble over, pieces cut out, doubled or taken from another input.
/// </summary>
internal sealed class Mutator(Random random)
{
    private static readonly ulong[] s_numbers =
        [0, 1, 2, 7, 8, 16, 255, 256, 511, 512, 513, 65_535, 65_536, int.MaxValue - 1, int.MaxValue,
            1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 33, long.MaxValue, 1UL << 63, ulong.MaxValue];

    public Random Random { get; } = random;

    public byte[] Mutate(byte[] seed, byte[] other)
    {
        var bytes = seed.ToArray();
        for (var left = Random.Next(1, 7); left > 0 && bytes.Length > 0; left--)
            bytes = Once(bytes, other);
        return bytes;
    }

    public string Number() => Random.Next(3) switch
    {
        0 => $"{s_numbers[Random.Next(s_numbers.Length)]}",
        1 => $"-{Random.Next()}",
        _ => $"{Random.NextInt64()}",
    };

    private byte[] Once(byte[] bytes, byte[] other)
    {
        // Headers are at the front, and that is where mistakes are.
        var at = Random.Next(3) == 0 ? Random.Next(bytes.Length) : Random.Next(Math.Min(bytes.Length, 600));
        var length = Math.Min(Random.Next(1, 40), bytes.Length - at);
        switch (Random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << Random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)Random.Next(256);
                return bytes;
            case 2:
                Random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case 3:
                return bytes[..at];
            case 4:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 6 when other.Length > 0:
                var from = Random.Next(other.Length);
                return [.. bytes[..at], .. other[from..Math.Min(other.Length, from + Random.Next(1, 200))], .. bytes[Math.Min(bytes.Length, at + length)..]];
            default:
                Write(bytes.AsSpan(at), s_numbers[Random.Next(s_numbers.Length)]);
                return bytes;
        }
    }

    private void Write(Span<byte> place, ulong number)
    {
        Span<byte> word = stackalloc byte[8];
        var size = 1 << Random.Next(1, 4);
        if (Random.Next(2) == 0)
            BinaryPrimitives.WriteUInt64LittleEndian(word, number);
        else
            BinaryPrimitives.WriteUInt64BigEndian(word, number << (64 - 8 * size));
        word[..Math.Min(size, place.Length)].CopyTo(place);
    }
}
