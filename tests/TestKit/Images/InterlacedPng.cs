using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.TestKit.Images;

/// <summary>Writes the same pixels as two PNGs, plain and in the seven passes of Adam7, sample by sample as the specification says (8.2).</summary>
internal static class InterlacedPng
{
    public static (byte[] Plain, byte[] Interlaced) Pair(Random random, int width, int height, PngColor color, byte depth)
    {
        var header = new PngHeader(width, height, depth, color, Interlaced: false);
        var samples = Enumerable.Range(0, width * height * header.StoredChannels).Select(_ => random.Next(1 << depth)).ToArray();
        return (Write(header, samples), Write(header with { Interlaced = true }, samples));
    }

    private static byte[] Write(PngHeader header, int[] samples)
    {
        (int Left, int Top, int Across, int Down)[] passes = header.Interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        var raw = new List<byte>();
        foreach (var (left, top, across, down) in passes)
        {
            for (var y = top; y < header.Height && left < header.Width; y += down)
            {
                var bits = new List<bool>();
                for (var x = left; x < header.Width; x += across)
                    for (var c = 0; c < header.StoredChannels; c++)
                        for (var bit = header.BitDepth - 1; bit >= 0; bit--)
                            bits.Add((samples[(y * header.Width + x) * header.StoredChannels + c] >> bit & 1) != 0);
                raw.Add(0);
                raw.AddRange(bits.Chunk(8).Select(chunk => (byte)chunk.Select((set, at) => set ? 128 >> at : 0).Sum()));
            }
        }
        var palette = header.Color == PngColor.Palette ? PngWriter.Chunk("PLTE", new byte[3 << header.BitDepth]) : [];
        return [.. ImageSignature.Png, .. PngWriter.HeaderChunk(header), .. palette, .. PngWriter.Chunk("IDAT", PngWriter.Deflate(raw.ToArray())),
            .. PngWriter.Chunk("IEND", [])];
    }
}
