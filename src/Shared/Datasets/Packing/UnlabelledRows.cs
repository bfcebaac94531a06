using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>The mask of a pair that has none: every pixel is unlabelled.</summary>
internal sealed class UnlabelledRows(int width, int height) : IRasterReader
{
    public string Name => "no mask";

    public ImageShape Shape => new(width, height, 1, PixelType.UInt8);

    public Georeference? Georeference => null;

    public double? NoData => null;

    /// <summary>A whole mask.</summary>
    public static PixelImage Image(ImageShape date)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(date.Width * date.Height);
        Array.Fill(pixels, MaskReader.Ignored);
        return new PixelImage(new ImageShape(date.Width, date.Height, 1, PixelType.UInt8), pixels);
    }

    public void ReadRows(int first, int count, Span<byte> target) => target[..(count * width)].Fill(MaskReader.Ignored);

    public void Dispose()
    {
    }
}
