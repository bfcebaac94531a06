using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;
using StbImageSharp;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Windows bitmaps of 8 (palette), 24 and 32 bits, bottom-up or top-down, by StbImageSharp.</summary>
internal static class BmpDecoder
{
    public static void Decode(ReadOnlyMemory<byte> file, string name, ImageShape shape, Span<byte> pixels)
    {
        BmpHeader.CheckLength(file.Span, shape, name);
        if (!MemoryMarshal.TryGetArray(file, out var bytes))
            bytes = file.ToArray();
        try
        {
            using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
            var result = ImageResult.FromStream(stream, ColorComponents.RedGreenBlue);
            if (result.Data.Length != pixels.Length || result.Width != shape.Width)
                throw ImageException.Damaged(name, $"the BMP header declares {shape}, its data {result.Width}x{result.Height}");
            result.Data.CopyTo(pixels);
        }
        catch (Exception e) when (e is InvalidOperationException or IndexOutOfRangeException or OverflowException)
        {
            throw ImageException.Damaged(name, $"the BMP decoder says: {e.Message}", e);
        }
    }
}
