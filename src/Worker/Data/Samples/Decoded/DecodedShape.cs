using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>The planes of a recorded sample, in the order in which they are kept.</summary>
internal enum DecodedPlane { Before, After, Mask, Valid }

/// <summary>The sizes of a recorded sample's planes. Mask and valid have that of the images, one channel and 8 bits.</summary>
/// <param name="HasValid">Whether there is a plane that says which pixels are there.</param>
internal sealed record DecodedShape(ImageShape Before, ImageShape After, bool HasValid)
{
    private readonly BandLayout[] _bands = Layouts(Before, After, HasValid);

    /// <summary>Bytes of the pixels of all planes.</summary>
    public long Bytes => _bands.Sum(bands => bands.Shape.Bytes);

    /// <summary>Checksums of all planes.</summary>
    public int Sums => _bands.Sum(bands => bands.Count);

    public BandLayout Bands(DecodedPlane plane) => _bands[(int)plane];

    /// <summary>Where a plane's pixels begin behind the header.</summary>
    public long Start(DecodedPlane plane) => _bands.Take((int)plane).Sum(bands => bands.Shape.Bytes);

    /// <summary>Where a plane's checksums begin among all.</summary>
    public int FirstSum(DecodedPlane plane) => _bands.Take((int)plane).Sum(bands => bands.Count);

    public bool Equals(DecodedShape? other) => other is not null && (Before, After, HasValid) == (other.Before, other.After, other.HasValid);

    public override int GetHashCode() => HashCode.Combine(Before, After, HasValid);

    private static BandLayout[] Layouts(ImageShape before, ImageShape after, bool hasValid)
    {
        var plane = new BandLayout(new ImageShape(before.Width, before.Height, 1, PixelType.UInt8));
        return hasValid ? [new(before), new(after), plane, plane] : [new(before), new(after), plane];
    }
}
