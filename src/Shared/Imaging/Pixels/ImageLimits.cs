namespace ChangeDetection.Imaging.Pixels;

/// <summary>What one decoded image may take. Checked against the header, before a decoder sees the file.</summary>
/// <param name="MaxPixels">Width times height.</param>
/// <param name="MaxBytes">Width x height x channels x bytes per value.</param>
public sealed record ImageLimits(long MaxPixels = 1L << 27, long MaxBytes = 1L << 28)
{
    /// <summary>134 million pixels and 256 MiB: sixteen bands of 16 bits at 2,896 x 2,896.</summary>
    public static ImageLimits Default { get; } = new();

    /// <exception cref="ImageException">The declared size is nothing, or over a limit.</exception>
    public void Check(ImageShape shape, string name) =>
        Check(shape.Width, shape.Height, shape.Channels, shape.BytesPerValue, shape.Type, name);

    /// <inheritdoc cref="Check(ImageShape, string)"/>
    /// <param name="type">Of the values, as errors name it.</param>
    internal void Check<T>(int width, int height, int channels, int bytesPerValue, T type, string name) where T : struct, Enum
    {
        if (width <= 0 || height <= 0 || channels <= 0)
            throw ImageException.Damaged(name, $"the header declares {width}x{height}x{channels} {type}");
        var pixels = (Int128)width * height;
        var bytes = pixels * channels * bytesPerValue;
        if (pixels > MaxPixels || bytes > Math.Min(MaxBytes, Array.MaxLength))
            throw new ImageException(name, ImageFault.TooLarge,
                $"too large: the header declares {width}x{height}x{channels} {type}, {pixels:N0} pixels and {bytes:N0} bytes decoded, over the limit of " +
                    $"{MaxPixels:N0} pixels and {MaxBytes:N0} bytes",
                "Cut the image into tiles, or raise the limit if the file is to be trusted.");
    }
}
