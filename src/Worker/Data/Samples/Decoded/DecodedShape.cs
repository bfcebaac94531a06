using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>The planes of a recorded sample, in the order in which they are kept.</summary>
internal enum DecodedPlane { Before, After, Mask }

/// <summary>The sizes of a recorded sample's planes. The mask has that of the other two, one channel and 8 bits.</summary>
internal sealed record DecodedShape(ImageShape Before, ImageShape After)
{
    private readonly BandLayout[] _bands = [new(Before), new(After), new(new ImageShape(Before.Width, Before.Height, 1, PixelType.UInt8))];

    /// <summary>Bytes of the pixels of all planes.</summary>
    public long Bytes => _bands.Sum(bands => bands.Shape.Bytes);

    /// <summary>Checksums of all planes.</summary>
    public int Sums => _bands.Sum(bands => bands.Count);

    public BandLayout Bands(DecodedPlane plane) => _bands[(int)plane];

    /// <summary>Where a plane's pixels begin behind the header.</summary>
    public long Start(DecodedPlane plane) => _bands.Take((int)plane).Sum(bands => bands.Shape.Bytes);

    /// <summary>Where a plane's checksums begin among all.</summary>
    public int FirstSum(DecodedPlane plane) => _bands.Take((int)plane).Sum(bands => bands.Count);

    public bool Equals(DecodedShape? other) => other is not null && (Before, After) == (other.Before, other.After);

    public override int GetHashCode() => HashCode.Combine(Before, After);
}
