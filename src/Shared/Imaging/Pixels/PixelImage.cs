namespace ChangeDetection.Imaging.Pixels;

/// <summary>The number type of a sample value.</summary>
public enum PixelType { UInt8, UInt16, Float32 }

/// <summary>Width and height in pixels, channels, and number type: what a header tells before any pixel is decoded.</summary>
public readonly record struct ImageShape(int Width, int Height, int Channels, PixelType Type)
{
    public int BytesPerValue => Type switch { PixelType.UInt8 => 1, PixelType.UInt16 => 2, _ => 4 };
    /// <summary>Bytes of the decoded pixels.</summary>
    public long Bytes => (long)Width * Height * Channels * BytesPerValue;
    public override string ToString() => $"{Width}x{Height}x{Channels} {Type}";
}

/// <summary>
/// A decoded image: interleaved rows [height, width, channels], little-endian values, no padding.
/// <see cref="Pixels"/> may be longer than the image: buffers are reused.
/// </summary>
public sealed record PixelImage(ImageShape Shape, byte[] Pixels)
{
    /// <summary>The image's own bytes.</summary>
    public ReadOnlySpan<byte> Bytes => Pixels.AsSpan(0, checked((int)Shape.Bytes));
}
