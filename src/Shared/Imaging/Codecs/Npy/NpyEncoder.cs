using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs.Npy;

/// <summary>Writes raw pixels as NumPy does (format version 1.0, C order).</summary>
public static class NpyEncoder
{
    /// <summary>The file of an array [height, width, channels], or [height, width] for one channel.</summary>
    public static byte[] Encode(PixelImage image)
    {
        var shape = image.Shape;
        var descr = shape.Type switch { PixelType.UInt8 => "|u1", PixelType.UInt16 => "<u2", _ => "<f4" };
        var sizes = shape.Channels == 1 ? $"({shape.Height}, {shape.Width})" : $"({shape.Height}, {shape.Width}, {shape.Channels})";
        var header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {sizes}, }}";
        // NumPy pads with blanks so that the data begins at a multiple of 64 and can be mapped.
        var start = (10 + header.Length + 1 + 63) / 64 * 64;
        var file = new byte[start + shape.Bytes];
        ImageSignature.Npy.CopyTo(file);
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)(start - 10));
        Encoding.ASCII.GetBytes(header.PadRight(start - 11) + "\n", file.AsSpan(10));
        image.Bytes.CopyTo(file.AsSpan(start));
        return file;
    }
}
