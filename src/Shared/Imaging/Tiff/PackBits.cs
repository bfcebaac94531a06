namespace ChangeDetection.Imaging.Tiff;

/// <summary>Run lengths of bytes (TIFF 6.0, section 9).</summary>
internal static class PackBits
{
    /// <param name="packed">One block.</param>
    /// <param name="block">What it comes to; more that may follow is left.</param>
    /// <exception cref="InvalidDataException">It comes to less.</exception>
    public static void Decode(ReadOnlySpan<byte> packed, Span<byte> block)
    {
        var whole = block.Length;
        while (!block.IsEmpty)
        {
            if (packed.Length < 2)
                throw new InvalidDataException($"its runs end at {whole - block.Length:N0} bytes of {whole:N0}");
            var head = (sbyte)packed[0];
            packed = packed[1..];
            if (head == sbyte.MinValue)
                continue;
            var count = Math.Min(Math.Abs((int)head) + 1, block.Length);
            if (head < 0)
            {
                block[..count].Fill(packed[0]);
                packed = packed[1..];
            }
            else
            {
                if (packed.Length < count)
                    throw new InvalidDataException($"its runs end at {whole - block.Length:N0} bytes of {whole:N0}");
                packed[..count].CopyTo(block);
                packed = packed[count..];
            }
            block = block[count..];
        }
    }
}
