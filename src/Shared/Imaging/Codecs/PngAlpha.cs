using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>PNGs with alpha, of which the chunk tRNS is another way to say it: for a palette, or for the one grey or colour that is transparent.</summary>
internal static class PngAlpha
{
    /// <summary>Whether there is alpha of either kind.</summary>
    /// <param name="file">The beginning, up to the pixels.</param>
    public static bool Has(ReadOnlyMemory<byte> file, string name)
    {
        if (PngHeader.Read(file.Span, name).Color is PngColor.GreyAlpha or PngColor.Rgba)
            return true;
        var chunks = new PngChunks(file, name);
        for (chunks.Next(); chunks.Type is not (PngChunks.ImageData or PngChunks.End); chunks.Next())
        {
            if (chunks.Type == PngChunks.Transparency)
                return true;
        }
        return false;
    }

    /// <summary>Decodes a file that has alpha.</summary>
    /// <param name="pixels">Gets grey or RGB as <see cref="ImageCodec"/> makes them, and alpha behind each.</param>
    /// <exception cref="ImageException">The file is truncated or damaged.</exception>
    public static void Decode(ReadOnlyMemory<byte> file, string name, Span<byte> pixels)
    {
        var samples = PngSamples.Decode(file, name);
        var header = samples.Header;
        if (header.Color is PngColor.GreyAlpha or PngColor.Rgba)
            samples.Values.CopyTo(pixels);
        else if (header.Color == PngColor.Palette)
            Expand(samples, pixels);
        else
            AddKey(samples, pixels, name);
    }

    private static void Expand(PngSamples samples, Span<byte> pixels)
    {
        for (var i = 0; i < samples.Values.Length; i++)
        {
            var index = samples.Values[i];
            samples.Palette.AsSpan(3 * index, 3).CopyTo(pixels[(4 * i)..]);
            pixels[4 * i + 3] = index < samples.Transparency.Length ? samples.Transparency[index] : byte.MaxValue;
        }
    }

    private static void AddKey(PngSamples samples, Span<byte> pixels, string name)
    {
        var (channels, size, depth) = (samples.Header.StoredChannels, samples.ValueBytes, samples.Header.BitDepth);
        if (samples.Transparency.Length != 2 * channels)
            throw ImageException.Damaged(name, $"the PNG's chunk tRNS has {samples.Transparency.Length} bytes where {2 * channels} are needed");
        // As the samples are stored: of fewer than 16 bits the lowest ones count.
        Span<byte> key = stackalloc byte[channels * size];
        for (var c = 0; c < channels; c++)
        {
            var value = BinaryPrimitives.ReadUInt16BigEndian(samples.Transparency.AsSpan(2 * c)) & ((1 << depth) - 1);
            key[c * size] = (byte)value;
            if (size == 2)
                key[c * size + 1] = (byte)(value >> 8);
        }
        var scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
        for (int from = 0, to = 0; from < samples.Values.Length; from += key.Length, to += key.Length + size)
        {
            var pixel = samples.Values.AsSpan(from, key.Length);
            for (var i = 0; i < pixel.Length; i++)
                pixels[to + i] = (byte)(pixel[i] * scale);
            pixels.Slice(to + key.Length, size).Fill(pixel.SequenceEqual(key) ? byte.MinValue : byte.MaxValue);
        }
    }
}
