namespace ChangeDetection.Imaging.Pixels;

/// <summary>Takes the last of interleaved bands apart from the others.</summary>
internal static class AlphaBand
{
    /// <param name="shape">Of the image with the band.</param>
    /// <param name="all">Pixels of it, interleaved.</param>
    /// <param name="others">Gets the other bands, interleaved; may begin where <paramref name="all"/> does.</param>
    /// <param name="alpha">Gets the band.</param>
    public static void Split(ImageShape shape, ReadOnlySpan<byte> all, Span<byte> others, Span<byte> alpha)
    {
        var size = shape.BytesPerValue;
        var (pixel, kept) = (shape.Channels * size, (shape.Channels - 1) * size);
        for (int from = 0, to = 0, at = 0; from < all.Length; from += pixel, to += kept, at += size)
        {
            // First the band: where both are one buffer, writing never overtakes reading.
            all.Slice(from + kept, size).CopyTo(alpha[at..]);
            all.Slice(from, kept).CopyTo(others[to..]);
        }
    }
}
