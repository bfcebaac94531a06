using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// What the first image of a TIFF is made of (TIFF 6.0, sections 2 and 8): size, kind of values, colours, alpha and compression. The one judgement
/// of what is read at all; readers of whole images and of rows narrow it.
/// </summary>
/// <param name="Bits">Per value.</param>
/// <param name="Format">1 unsigned, 2 signed, 3 float.</param>
/// <param name="Photometric">0 white is zero, 1 black is zero, 2 RGB, 3 palette, 6 YCbCr; -1 where the file does not say.</param>
/// <param name="HasAlpha">Whether the last band is dropped from images that are decoded without a rule for alpha.</param>
/// <param name="IsLastAlpha">Whether the file calls its last band alpha, however many there are.</param>
/// <param name="IsPlanar">Whether the file says that each band lies for itself, also where there is one band.</param>
/// <param name="TileWidth">0 where the image is in strips.</param>
internal readonly record struct TiffFormat(
    int Width, int Height, int Samples, int Bits, int Format, int Photometric, int Compression,
    bool HasAlpha, bool IsLastAlpha, bool IsPlanar, long TileWidth, long TileHeight)
{
    /// <summary>Of more bands no data set can be made; bands that lie apart are decoded one at a time, which takes time.</summary>
    public const int MaxBands = 1024;

    public const int BlackIsZero = 1, Rgb = 2, Palette = 3, TransparencyMask = 4, YCbCr = 6;
    public const int Float = 3;

    private const int Separate = 2;

    /// <summary>Bands, alpha left out; a palette's three colours.</summary>
    public ImageShape Shape => Photometric == Palette
        ? new ImageShape(Width, Height, 3, PixelType.UInt8)
        : new ImageShape(Width, Height, Samples - (HasAlpha ? 1 : 0), Type);

    /// <summary>What a value becomes in an image.</summary>
    /// <exception cref="InvalidOperationException">There is no such type: the format is one of <see cref="ReadStored"/>.</exception>
    public PixelType Type => TypeOf(Format, Bits) ?? throw new InvalidOperationException($"No image has {Bits} bits in sample format {Format}.");

    /// <summary>The same image, decoded by a rule: its last band is alpha where the file says so, and a band like the others where the rule does.</summary>
    public TiffFormat Under(NoDataRule rule) => this with { HasAlpha = IsLastAlpha && rule.Alpha != AlphaUse.Band };

    /// <summary>The largest value, where white is zero, so that a value v stands for the brightness of this less v; else null.</summary>
    public int? LargestTurned => Photometric == 0 && Format == 1 && Bits <= 16 ? (1 << Bits) - 1 : null;

    /// <exception cref="ImageException">The directory contradicts itself, or is of a kind that is not read.</exception>
    public static TiffFormat Read(TiffDirectory directory, string name)
    {
        var format = ReadStored(directory, name);
        return TypeOf(format.Format, format.Bits) is null
            ? throw TiffValues.Unsupported(format.Format, format.Bits, name)
            : format;
    }

    /// <summary>The same for readers of values as they are stored: of any number of bits.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="isMask">Whether it is the directory of an internal mask.</param>
    public static TiffFormat ReadStored(TiffDirectory directory, string name, bool isMask = false)
    {
        var (width, height) = (directory.Number(TiffTag.ImageWidth, 0), directory.Number(TiffTag.ImageLength, 0));
        var samples = directory.Number(TiffTag.SamplesPerPixel, 1);
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue || samples <= 0)
            throw directory.Absurd($"header declares {width:N0}x{height:N0} pixels of {samples:N0} bands");
        if (samples > MaxBands)
            throw ImageException.Unsupported(name, $"a TIFF of {samples} bands");
        var compression = directory.Number(TiffTag.Compression, TiffCodec.None);
        TiffCodec.RequireRead(compression, name);
        var photometric = directory.Number(TiffTag.Photometric, -1);
        if (!(isMask && photometric == TransparencyMask) && photometric is not (-1 or 0 or BlackIsZero or Rgb or Palette or YCbCr))
            throw ImageException.Unsupported(name, $"a TIFF of photometric interpretation {photometric}");
        var (bits, format) = (directory.OneForAll(TiffTag.BitsPerSample, 1), directory.OneForAll(TiffTag.SampleFormat, 1));
        if (photometric == Palette && format != 1)
            throw directory.Absurd($"palette is for values of sample format {format}, and only whole numbers from 0 on are indices");
        // A fourth band counts as alpha only where the file says so (1 or 2): near-infrared comes as "unspecified" (0).
        var alpha = samples is 2 or 4 && directory.Number(TiffTag.ExtraSamples, -1) is 1 or 2;
        var isPlanar = directory.Number(TiffTag.PlanarConfiguration, 1) == Separate;
        if (isPlanar && compression == TiffCodec.WebP)
            throw ImageException.Unsupported(name, $"a TIFF of separate planes in compression {compression} (WebP)", TiffCodec.Rewrite);
        return new TiffFormat(
            (int)width, (int)height, (int)samples, (int)bits, (int)format, (int)photometric, (int)compression, alpha,
            samples > 1 && directory.Last(TiffTag.ExtraSamples, -1) is 1 or 2,
            isPlanar,
            directory.Number(TiffTag.TileWidth, 0), directory.Number(TiffTag.TileLength, 0));
    }

    private static PixelType? TypeOf(long format, long bits) => (format, bits) switch
    {
        (1, 1 or 2 or 4 or 8) => PixelType.UInt8,
        (1, 16) => PixelType.UInt16,
        // Signed and wide values: no type of their own; 16-bit ones survive exactly, others to 24 bits.
        (3, 32) or (1, 32) or (2, 8 or 16 or 32) => PixelType.Float32,
        _ => null,
    };
}
