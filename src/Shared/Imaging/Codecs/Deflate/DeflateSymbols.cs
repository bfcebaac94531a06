namespace ChangeDetection.Imaging.Codecs.Deflate;

/// <summary>What the symbols of DEFLATE mean (RFC 1951, 3.2.5), as entries of a <see cref="HuffmanTable"/>.</summary>
internal static class DeflateSymbols
{
    public const int MostLengths = 288;
    public const int MostDistances = 32;

    /// <summary>The order in which the lengths of the code for code lengths stand (3.2.7).</summary>
    public static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Literals, the end of a block, and lengths.</summary>
    public static uint[] LiteralsAndLengths { get; } = LiteralsAndLengthsOf();

    public static uint[] Distances { get; } = DistancesOf();

    /// <summary>Symbols that stand for their own numbers.</summary>
    public static uint[] CodeLengths { get; } = [.. Enumerable.Range(0, CodeLengthOrder.Length).Select(symbol => ValueOf(symbol, 0))];

    /// <summary>The lengths of the codes of a block with fixed codes (3.2.6).</summary>
    public static byte[] FixedLengths { get; } =
        [.. Enumerable.Range(0, MostLengths).Select(symbol => (byte)(symbol switch { < 144 => 8, < 256 => 9, < 280 => 7, _ => 8 }))];

    public static byte[] FixedDistances { get; } = [.. Enumerable.Repeat((byte)5, MostDistances)];

    private static uint ValueOf(int value, int extraBits) => HuffmanTable.Value | (uint)extraBits << 26 | (uint)value << 8;

    private static uint[] LiteralsAndLengthsOf()
    {
        // Symbols 286 and 287 take part in the fixed code and never occur: entry 0 is refused like a code that is none.
        var symbols = new uint[MostLengths];
        for (var literal = 0; literal < 256; literal++)
            symbols[literal] = HuffmanTable.OneLiteral | (uint)literal << 8;
        symbols[256] = HuffmanTable.EndOfBlock;
        for (var (symbol, length) = (257, 3); symbol < 285; symbol++)
        {
            var extra = Math.Max(0, (symbol - 261) / 4);
            symbols[symbol] = ValueOf(length, extra);
            length += 1 << extra;
        }
        symbols[285] = ValueOf(258, 0);
        return symbols;
    }

    private static uint[] DistancesOf()
    {
        var symbols = new uint[MostDistances];
        for (var (symbol, distance) = (0, 1); symbol < 30; symbol++)
        {
            var extra = Math.Max(0, symbol / 2 - 1);
            symbols[symbol] = ValueOf(distance, extra);
            distance += 1 << extra;
        }
        return symbols;
    }
}
