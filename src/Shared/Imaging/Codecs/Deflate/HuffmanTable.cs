namespace ChangeDetection.Imaging.Codecs.Deflate;

/// <summary>
/// A prefix code of DEFLATE (RFC 1951, 3.2.2) as a table: the next bits of the stream are the index, so one look decodes a symbol. Codes longer than
/// the index go on in a second part of the table. Literals whose two codes fit into the index together are decoded two at a time.
/// <para>
/// An entry, from its lowest bit: 6 bits, bits to consume · 2 bits unused · 8 bits first literal · 8 bits second literal · 2 bits number of literals;
/// or, with no literal: 16 bits value (base length or distance, or start of the second part), 4 bits extra bits from bit 26, and its kind from bit
/// 30. 0 is no code.
/// </para>
/// </summary>
internal sealed class HuffmanTable
{
    public const int LongestCode = 15;

    /// <summary>Kinds of entries that are no literal, in the two highest bits.</summary>
    public const uint Value = 1u << 30, EndOfBlock = 2u << 30, SecondPart = 3u << 30;

    /// <summary>An entry of one literal, but for the literal and its bits.</summary>
    public const uint OneLiteral = 1u << 24;

    private readonly int _indexBits;
    private readonly uint[] _entries;

    /// <param name="indexBits">Bits of a first look.</param>
    /// <param name="symbols">Most symbols of a code.</param>
    public HuffmanTable(int indexBits, int symbols)
    {
        _indexBits = indexBits;
        // Every second part has a code longer than the index, so there are at most half as many as symbols, each of the size of the longest rest.
        _entries = new uint[(1 << indexBits) + (symbols / 2 + 1 << LongestCode - indexBits)];
    }

    public ReadOnlySpan<uint> Entries => _entries;

    /// <summary>Whether an entry is one or two literals.</summary>
    public static bool IsLiterals(uint entry) => entry - OneLiteral < 2 * OneLiteral;

    /// <summary>How many literals there are in an entry of literals.</summary>
    public static int Literals(uint entry) => (int)(entry >> 24);

    public static bool IsValue(uint entry) => entry >> 30 == 1;

    public static int BaseValue(uint entry) => (int)(entry >> 8 & 0xFFFF);

    public static int ExtraBits(uint entry) => (int)(entry >> 26 & 15);

    /// <summary>Where the second part begins that an entry points to.</summary>
    public static int SecondStart(uint entry) => BaseValue(entry);

    /// <summary>The bits that are its index.</summary>
    public static uint SecondMask(uint entry) => (1u << ExtraBits(entry)) - 1;

    /// <summary>Fills the table.</summary>
    /// <param name="lengths">Bits of each symbol's code; 0: it has none.</param>
    /// <param name="symbols">What the symbols mean: entries without their bits to consume.</param>
    /// <param name="complete">Whether a code of one symbol, of one bit, is refused too.</param>
    /// <returns>False when the lengths make no prefix code.</returns>
    public bool Build(ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> symbols, bool complete = false)
    {
        Span<int> counts = stackalloc int[LongestCode + 1];
        Span<int> next = stackalloc int[LongestCode + 2];
        counts.Clear();
        var longest = 0;
        foreach (var length in lengths)
        {
            counts[length]++;
            longest = Math.Max(longest, length);
        }
        var (code, used) = (0, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            next[length] = code;
            used += counts[length] << LongestCode - length;
            code = code + counts[length] << 1;
        }
        // More codes than there is room for are none. Fewer are only a code of one symbol, or of none: of the distances of a block that has no match (3.2.7).
        if (used > 1 << LongestCode || used < 1 << LongestCode && longest > (complete ? 0 : 1))
            return false;
        // Second parts are always filled to their last entry.
        Array.Clear(_entries, 0, 1 << _indexBits);
        var free = 1 << _indexBits;
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] is > 0 and var length)
                Add(Reversed(next[length]++, length), length, symbols[symbol], longest, ref free);
        }
        PairLiterals();
        return true;
    }

    private void Add(int code, int length, uint symbol, int longest, ref int free)
    {
        if (length <= _indexBits)
        {
            for (var at = code; at < 1 << _indexBits; at += 1 << length)
                _entries[at] = symbol | (uint)length;
            return;
        }
        var (first, rest) = (code & (1 << _indexBits) - 1, longest - _indexBits);
        if (_entries[first] == 0)
        {
            // The second part's index is the rest of the longest code. What a first look consumes is the index.
            _entries[first] = SecondPart | (uint)rest << 26 | (uint)free << 8 | (uint)_indexBits;
            free += 1 << rest;
        }
        var start = SecondStart(_entries[first]);
        for (var at = code >> _indexBits; at < 1 << rest; at += 1 << length - _indexBits)
            _entries[start + at] = symbol | (uint)(length - _indexBits);
    }

    /// <summary>
    /// Downwards, so that what an entry is paired with, which has a smaller index, is not paired yet. Without a branch: which literals fit together
    /// follows no pattern.
    /// </summary>
    private void PairLiterals()
    {
        var entries = _entries.AsSpan(0, 1 << _indexBits);
        for (var at = entries.Length - 1; at >= 0; at--)
        {
            var first = entries[at];
            var second = entries[at >> (int)(first & 15)];
            var pair = first + (second & 63) + ((second & 0xFF00) << 8) + OneLiteral;
            var fits = (first >> 24 == 1) & (second >> 24 == 1) & ((first & 63) + (second & 63) <= _indexBits);
            entries[at] = fits ? pair : first;
        }
    }

    private static int Reversed(int code, int length)
    {
        var bits = (uint)code;
        bits = (bits >> 1 & 0x5555) | (bits & 0x5555) << 1;
        bits = (bits >> 2 & 0x3333) | (bits & 0x3333) << 2;
        bits = (bits >> 4 & 0x0F0F) | (bits & 0x0F0F) << 4;
        bits = (bits >> 8 & 0x00FF) | (bits & 0x00FF) << 8;
        return (int)(bits >> 16 - length);
    }
}
