using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Shards;

/// <summary>Small images whose every pixel follows from a seed.</summary>
internal static class PatternImages
{
    public static PixelImage Rgb(int width = 16, int height = 16, int seed = 1) =>
        Make(new(width, height, 3, PixelType.UInt8), at => (byte)(at * 7 + seed * 31));

    public static PixelImage Grey(int width, int height, params byte[] pattern) =>
        Make(new(width, height, 1, PixelType.UInt8), at => pattern[at % pattern.Length]);

    public static PixelImage Make(ImageShape shape, Func<int, byte> value) => new(shape, [.. Enumerable.Range(0, (int)shape.Bytes).Select(value)]);
}
