using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Codecs.Deflate;

/// <summary>
/// Bits of a DEFLATE stream, the lowest of each byte first. Behind its end come zeros, and <see cref="ThrowIfOverrun"/> tells that they were used.
/// </summary>
/// <param name="data">Holds the stream.</param>
/// <param name="start">Where it begins.</param>
/// <param name="end">Where it ends.</param>
internal struct BitReader(byte[] data, int start, int end)
{
    /// <summary>Bits that are there behind a refill, at least.</summary>
    public const int Refilled = 56;

    private int _at = start;
    private ulong _bits;
    private int _count;
    /// <summary>Zeros behind the end among the bits.</summary>
    private int _invented;

    /// <summary>The bits read ahead, how many they are, and where the next byte stands: for a loop that keeps them in registers.</summary>
    public (ulong Bits, int Count, int At) Position
    {
        readonly get => (_bits, _count, _at);
        set => (_bits, _count, _at) = value;
    }

    /// <summary>The first byte of what holds the stream.</summary>
    public readonly ref byte First => ref MemoryMarshal.GetArrayDataReference(data);

    /// <summary>The last place from which so many refills can still read whole words.</summary>
    public readonly int LastFor(int refills) => end - refills * sizeof(ulong);

    /// <summary>Fills up to 56 bits or more. The place is not behind <see cref="LastFor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Refill(ref byte data, ref ulong bits, ref int count, ref int at)
    {
        // Bits above the count are written again by the next refill, with the same values.
        bits |= Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref data, at)) << count;
        at += 63 - count >> 3;
        count |= Refilled;
    }

    /// <summary>The next bits, at most 16, without passing over them.</summary>
    public int Peek(int bits)
    {
        if (_at <= LastFor(1))
            Refill(ref MemoryMarshal.GetArrayDataReference(data), ref _bits, ref _count, ref _at);
        else
            RefillAtEnd();
        return (int)_bits & (1 << bits) - 1;
    }

    public void Skip(int bits)
    {
        _bits >>= bits;
        _count -= bits;
    }

    /// <summary>What a table says of the next bits; a first look at a longer code has been passed over.</summary>
    public uint Entry(ReadOnlySpan<uint> entries, int indexBits)
    {
        var entry = entries[Peek(indexBits)];
        if (entry < HuffmanTable.SecondPart)
            return entry;
        Skip((int)(entry & 63));
        return entries[HuffmanTable.SecondStart(entry) + (Peek(16) & (int)HuffmanTable.SecondMask(entry))];
    }

    /// <summary>The value of an entry with the extra bits behind its code.</summary>
    /// <exception cref="InvalidDataException">The entry is no value, or the stream ends before.</exception>
    public int Value(uint entry)
    {
        if (!HuffmanTable.IsValue(entry))
            throw new InvalidDataException("bits that are no code");
        Skip((int)(entry & 63));
        return HuffmanTable.BaseValue(entry) + Take(HuffmanTable.ExtraBits(entry));
    }

    /// <summary>A number of up to 16 bits.</summary>
    /// <exception cref="InvalidDataException">The stream ends before.</exception>
    public int Take(int bits)
    {
        var taken = Peek(bits);
        Skip(bits);
        ThrowIfOverrun();
        return taken;
    }

    /// <summary>Goes on to the next whole byte and reads the length of a stored block (RFC 1951, 3.2.4).</summary>
    /// <exception cref="InvalidDataException">The length is damaged.</exception>
    public int BeginStored()
    {
        Skip(_count & 7);
        var (length, complement) = (Take(16), Take(16));
        if (length != (complement ^ 0xFFFF))
            throw new InvalidDataException("a stored block whose length is damaged");
        // Whole bytes that were read ahead are given back.
        _at -= _count - _invented >> 3;
        (_bits, _count, _invented) = (0, 0, 0);
        return length;
    }

    /// <summary>Copies whole bytes of a stored block.</summary>
    /// <exception cref="InvalidDataException">The stream ends before.</exception>
    public void Copy(Span<byte> target)
    {
        if (target.Length > end - _at)
            throw new InvalidDataException("a stored block that is cut short");
        data.AsSpan(_at, target.Length).CopyTo(target);
        _at += target.Length;
    }

    /// <exception cref="InvalidDataException">More bits were used than there are.</exception>
    public readonly void ThrowIfOverrun()
    {
        if (_count < _invented)
            throw new InvalidDataException("a stream that is cut short");
    }

    private void RefillAtEnd()
    {
        for (; _count < Refilled; _count += 8)
        {
            if (_at < end)
                _bits |= (ulong)data[_at++] << _count;
            else
                _invented += 8;
        }
    }
}
