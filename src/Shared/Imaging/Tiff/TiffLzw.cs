namespace ChangeDetection.Imaging.Tiff;

/// <summary>LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, the highest bit first, that grow one code early.</summary>
internal sealed class TiffLzw
{
    private const int Clear = 256, End = 257, First = 258, Most = 4096;

    private readonly ushort[] _before = new ushort[Most];
    private readonly byte[] _last = new byte[Most];
    private readonly ushort[] _length = new ushort[Most];

    public TiffLzw()
    {
        for (var code = 0; code < 256; code++)
            (_last[code], _length[code]) = ((byte)code, 1);
    }

    /// <param name="packed">One block.</param>
    /// <param name="block">What it comes to; more that may follow is left.</param>
    /// <exception cref="InvalidDataException">It comes to less, or holds a code that there is not.</exception>
    public void Decode(ReadOnlySpan<byte> packed, Span<byte> block)
    {
        if (packed.Length > 1 && packed[0] == 0 && (packed[1] & 1) != 0)
            throw new InvalidDataException("LZW of before TIFF 6.0, with its lowest bit first");
        var (at, bits, held, width, next, before, done) = (0, 0, 0u, 9, First, -1, 0);
        while (done < block.Length)
        {
            while (bits < width)
            {
                if (at == packed.Length)
                    throw new InvalidDataException($"its codes end at {done:N0} bytes of {block.Length:N0}");
                held = held << 8 | packed[at++];
                bits += 8;
            }
            var code = (int)(held >> (bits - width)) & ((1 << width) - 1);
            bits -= width;
            if (code == End)
                throw new InvalidDataException($"it comes to {done:N0} bytes of {block.Length:N0}");
            if (code == Clear)
            {
                (width, next, before) = (9, First, -1);
                continue;
            }
            if (code > next || (before < 0 && code > 255) || (code == next && next == Most))
                throw new InvalidDataException($"there is no code {code}");
            if (before >= 0 && next < Most)
            {
                (_before[next], _length[next]) = ((ushort)before, (ushort)(_length[before] + 1));
                _last[next] = FirstOf(code == next ? before : code);
                next++;
            }
            done += Write(code, block[done..]);
            before = code;
            if (next >= (1 << width) - 1 && width < 12)
                width++;
        }
    }

    private byte FirstOf(int code)
    {
        while (code >= First)
            code = _before[code];
        return (byte)code;
    }

    /// <summary>The string of a code, from its end; what of it there is room for.</summary>
    private int Write(int code, Span<byte> target)
    {
        var length = _length[code];
        for (var at = length - 1; at >= 0; at--)
        {
            if (at < target.Length)
                target[at] = _last[code];
            code = _before[code];
        }
        return Math.Min(length, target.Length);
    }
}
