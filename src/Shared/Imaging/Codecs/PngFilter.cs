using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Undoes the five row filters of PNG (PNG specification, section 9). Pixels of three and four bytes, the hot case, are handled as one word
/// each: a pixel depends on its left neighbour, so a vector across pixels would wait for itself, while the bytes within a pixel are independent.
/// </summary>
internal static class PngFilter
{
    /// <param name="filter">0 None, 1 Sub, 2 Up, 3 Average, 4 Paeth.</param>
    /// <param name="source">The filtered bytes of a row.</param>
    /// <param name="above">The unfiltered row above; zeros above the first.</param>
    /// <param name="row">Where the unfiltered bytes go; must not overlap the others.</param>
    /// <param name="pixel">Bytes from a sample to the same sample of the pixel on its left: at least 1.</param>
    /// <returns>False where there is no such filter.</returns>
    public static bool Undo(byte filter, ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> row, int pixel)
    {
        source = source[..row.Length];
        above = above[..row.Length];
        switch (filter)
        {
            case 0:
                source.CopyTo(row);
                return true;
            case 1:
                Sub(source, row, pixel);
                return true;
            case 2:
                Up(source, above, row);
                return true;
            case 3:
                Average(source, above, row, pixel);
                return true;
            case 4:
                Paeth(source, above, row, pixel);
                return true;
            default:
                return false;
        }
    }

    private static void Sub(ReadOnlySpan<byte> source, Span<byte> row, int pixel)
    {
        var i = 0;
        if (pixel is 3 or 4)
        {
            uint left = 0;
            // Words reach one byte over a pixel of three: that byte is overwritten by the next pixel, and the last pixel is left to the loop below.
            for (; i + 4 < row.Length; i += pixel)
                Write(row, i, left = AddBytes(left, Word(source, i)));
        }
        else
        {
            source[..Math.Min(pixel, source.Length)].CopyTo(row);
            i = pixel;
        }
        for (; i < row.Length; i++)
            row[i] = (byte)(source[i] + (i >= pixel ? row[i - pixel] : 0));
    }

    private static void Up(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> row)
    {
        var i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
            (new Vector<byte>(source[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] = (byte)(source[i] + above[i]);
    }

    private static void Average(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> row, int pixel)
    {
        var i = 0;
        if (pixel is 3 or 4)
        {
            uint left = 0;
            for (; i + 4 < row.Length; i += pixel)
            {
                var up = Word(above, i);
                var mean = (left & up) + (((left ^ up) >> 1) & 0x7F7F7F7F);
                Write(row, i, left = AddBytes(Word(source, i), mean));
            }
        }
        for (; i < row.Length; i++)
            row[i] = (byte)(source[i] + (((i >= pixel ? row[i - pixel] : 0) + above[i]) >> 1));
    }

    private static void Paeth(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> row, int pixel)
    {
        var i = 0;
        if (pixel is 3 or 4)
        {
            Vector128<short> left = default, corner = default;
            for (; i + 4 < row.Length; i += pixel)
            {
                var up = Widen(Word(above, i));
                var (fromLeft, fromUp) = (up - corner, left - corner);
                var (pa, pb, pc) = (Vector128.Abs(fromLeft), Vector128.Abs(fromUp), Vector128.Abs(fromLeft + fromUp));
                var least = Vector128.Min(pc, Vector128.Min(pa, pb));
                var predicted = Vector128.ConditionalSelect(Vector128.Equals(least, pa), left,
                    Vector128.ConditionalSelect(Vector128.Equals(least, pb), up, corner));
                // The upper byte of every lane is zero in both, so adding bytes wraps as the format wants.
                left = (predicted.AsByte() + Widen(Word(source, i)).AsByte()).AsInt16();
                corner = up;
                Write(row, i, Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt32().ToScalar());
            }
        }
        for (; i < row.Length; i++)
        {
            var predicted = i >= pixel ? Predict(row[i - pixel], above[i], above[i - pixel]) : above[i];
            row[i] = (byte)(source[i] + predicted);
        }
    }

    /// <summary>Of left, up and corner the one nearest to left + up − corner; ties in that order.</summary>
    private static byte Predict(int left, int up, int corner)
    {
        var (pa, pb, pc) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - 2 * corner));
        return (byte)(pa <= pb && pa <= pc ? left : pb <= pc ? up : corner);
    }

    /// <summary>Adds four bytes to four bytes, no carry passing from one to the next.</summary>
    private static uint AddBytes(uint a, uint b) => ((a & 0x7F7F7F7F) + (b & 0x7F7F7F7F)) ^ ((a ^ b) & 0x80808080);

    private static Vector128<short> Widen(uint bytes) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(bytes).AsByte()).AsInt16();

    // The callers' loops keep i + 4 within rows that were cut to one length; a checked read per pixel costs a tenth of the decoder's time.
    private static uint Word(ReadOnlySpan<byte> bytes, int at) =>
        Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), at));

    private static void Write(Span<byte> bytes, int at, uint word) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), at), word);
}
