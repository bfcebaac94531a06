using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>What a crop's mask holds, before anything of the crop is copied.</summary>
internal static class MaskCrop
{
    /// <summary>Pixels of the crop whose label is not 0.</summary>
    public static long Changed(PixelImage mask, GeometricAugmentation crop, LabelTable labels)
    {
        var pixels = mask.Bytes;
        var changed = 0L;
        for (var row = 0; row < crop.Height; row++)
            changed += labels.CountChanged(pixels.Slice((crop.Top + row) * mask.Shape.Width + crop.Left, crop.Width));
        return changed;
    }
}
