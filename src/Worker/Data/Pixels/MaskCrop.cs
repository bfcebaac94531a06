using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>What a crop's mask holds, before anything of the crop is copied.</summary>
internal static class MaskCrop
{
    /// <summary>The crop's pixels by their labels.</summary>
    public static LabelCounts Count(PixelImage mask, GeometricAugmentation crop, LabelTable labels)
    {
        var pixels = mask.Bytes;
        var counts = default(LabelCounts);
        for (var row = 0; row < crop.Height; row++)
            counts += labels.Count(pixels.Slice((crop.Top + row) * mask.Shape.Width + crop.Left, crop.Width));
        return counts;
    }
}
