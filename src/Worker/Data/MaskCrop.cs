using ChangeDetection.Images;

namespace ChangeDetection.Worker.Data;

/// <summary>What a crop's mask holds, told before anything of the crop is copied.</summary>
internal static class MaskCrop
{
    /// <summary>Pixels of the crop whose mask is not 0.</summary>
    public static long Changed(PixelImage mask, Augmentation crop)
    {
        var pixels = mask.Bytes;
        var unchanged = 0L;
        for (var row = 0; row < crop.Height; row++)
            unchanged += pixels.Slice((crop.Top + row) * mask.Shape.Width + crop.Left, crop.Width).Count((byte)0);
        return (long)crop.Height * crop.Width - unchanged;
    }
}
