using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// Makes pixels that are none 0 for the network and unlabelled in the mask, once all else has been done to the crop: what stood there, NaN included, is
/// nothing that was photographed. Holds the scratch of one thread.
/// </summary>
internal sealed class MissingPixels
{
    private readonly ShiftedCrop _shifted = new();
    private byte[] _valid = [];

    /// <summary>Clears the pixels of one date's crop, and their labels.</summary>
    /// <param name="valid">Rows of the sample's plane, 0 where a pixel is missing.</param>
    /// <param name="crop">Of that date, in those rows; outside the image the border is repeated, as the images' is.</param>
    /// <param name="values">Of that date, [height, width, channels].</param>
    /// <param name="labels">[height, width].</param>
    public void Clear(PixelImage valid, GeometricAugmentation crop, Span<float> values, Span<byte> labels)
    {
        var pixels = crop.Height * crop.Width;
        if (_valid.Length < pixels)
            _valid = GC.AllocateUninitializedArray<byte>(pixels);
        (valid, crop) = _shifted.Inside(valid, crop);
        PixelCopier.CopyPlane(valid, crop, _valid);
        var channels = values.Length / pixels;
        var there = _valid.AsSpan(0, pixels);
        // Missing pixels lie together: from one group of them to the next.
        for (var at = 0; there[at..].IndexOf((byte)0) is >= 0 and var next;)
        {
            at += next;
            var group = there[at..].IndexOfAnyExcept((byte)0) is >= 0 and var end ? end : pixels - at;
            values.Slice(at * channels, group * channels).Clear();
            labels.Slice(at, group).Fill(MaskReader.Ignored);
            at += group;
        }
    }

    /// <summary>Makes the labels of missing pixels unlabelled, in a whole mask.</summary>
    /// <param name="valid">Of the mask's size, 0 where a pixel is missing.</param>
    public static void Ignore(PixelImage mask, PixelImage valid)
    {
        var there = valid.Bytes;
        var labels = mask.Pixels.AsSpan(0, there.Length);
        for (var at = 0; at < there.Length; at++)
        {
            if (there[at] == 0)
                labels[at] = MaskReader.Ignored;
        }
    }
}
