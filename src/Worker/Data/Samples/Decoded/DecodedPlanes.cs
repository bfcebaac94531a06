using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>A sample's images, decoded: those of both dates, its mask as classes, and which pixels are there.</summary>
/// <param name="Valid">One channel of 8 bits, 0 where either date has no pixel; null where all are there.</param>
internal sealed record DecodedPlanes(PixelImage Before, PixelImage After, PixelImage Mask, PixelImage? Valid)
{
    public DecodedShape Shape => new(Before.Shape, After.Shape, Valid is not null);

    /// <summary>Those that there are, in the order in which they are kept.</summary>
    public IEnumerable<(DecodedPlane Plane, PixelImage Image)> All
    {
        get
        {
            yield return (DecodedPlane.Before, Before);
            yield return (DecodedPlane.After, After);
            yield return (DecodedPlane.Mask, Mask);
            if (Valid is not null)
                yield return (DecodedPlane.Valid, Valid);
        }
    }

    public PixelImage this[DecodedPlane plane] => plane switch
    {
        DecodedPlane.Before => Before,
        DecodedPlane.After => After,
        DecodedPlane.Mask => Mask,
        _ => Valid ?? throw new InvalidOperationException("The sample has no missing pixels."),
    };
}
