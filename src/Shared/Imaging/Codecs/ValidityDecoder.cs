using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Decodes images with what their files say of pixels that are none: alpha, GDAL_NODATA, internal masks, numbers that are not finite.
/// </summary>
internal static class ValidityDecoder
{
    public static ValidImage Decode(ReadOnlyMemory<byte> file, string name, NoDataRule rule, ImageLimits limits, byte[]? reuse)
    {
        var traits = ImageTraits.Read(file, name, limits);
        var isTiff = ImageSignature.Of(file.Span, name) == ImageFormat.Tiff;
        var readsAlpha = traits.HasAlpha && rule.Alpha != AlphaUse.Drop;
        var decoded = readsAlpha ? traits.WithAlpha : traits.Shape;
        var pixels = reuse is not null && reuse.Length >= decoded.Bytes ? reuse : GC.AllocateUninitializedArray<byte>((int)decoded.Bytes);
        DecodePixels(file, name, readsAlpha, decoded, pixels.AsMemory(0, (int)decoded.Bytes));

        var image = new PixelImage(traits.Under(rule), pixels);
        var noData = rule.Value ?? traits.NoData;
        var plane = new Plane(decoded.Width * decoded.Height);
        if (readsAlpha && rule.Alpha != AlphaUse.Band)
            ExcludeByAlpha(decoded, pixels, rule, name, plane);
        if (ValidPixels.MayExclude(image.Shape, noData))
            ValidPixels.Exclude(image.Shape, image.Bytes, noData, plane.Validity);
        if (isTiff)
            ExcludeByTiff(file, name, rule.Value is null ? traits.NoDataIndex : null, plane);
        return new ValidImage(
            image, plane.Result is { } valid ? new PixelImage(image.Shape with { Channels = 1, Type = PixelType.UInt8 }, valid) : null);
    }

    private static void DecodePixels(ReadOnlyMemory<byte> file, string name, bool withAlpha, ImageShape shape, Memory<byte> pixels)
    {
        switch (ImageSignature.Of(file.Span, name))
        {
            case ImageFormat.Png when withAlpha:
                PngAlpha.Decode(file, name, pixels.Span);
                break;
            case ImageFormat.Bmp when withAlpha:
                DecodeBmp(file.Span, name, shape, pixels.Span);
                break;
            default:
                ImageCodec.Decode(file, name, shape, pixels);
                break;
        }
    }

    private static void DecodeBmp(ReadOnlySpan<byte> file, string name, ImageShape shape, Span<byte> pixels)
    {
        var header = BmpHeader.Read(file, name);
        header.CheckLength(file.Length, name);
        for (var y = 0; y < shape.Height; y++)
            BmpRows.ConvertWithAlpha(file.Slice((int)header.RowAt(y), (int)header.Stride), pixels.Slice(y * shape.Width * 4, shape.Width * 4));
    }

    /// <summary>Takes alpha out of the image, within its buffer.</summary>
    private static void ExcludeByAlpha(ImageShape shape, byte[] pixels, NoDataRule rule, string name, Plane plane)
    {
        var alpha = new byte[shape.Width * shape.Height * shape.BytesPerValue];
        AlphaBand.Split(shape, pixels.AsSpan(0, (int)shape.Bytes), pixels, alpha);
        if (rule.Alpha == AlphaUse.Auto)
        {
            var survey = new AlphaSurvey(shape.Type, name);
            survey.Add(alpha);
            survey.RequireMask();
        }
        ValidPixels.ExcludeZeros(alpha, plane.Validity);
    }

    private static void ExcludeByTiff(ReadOnlyMemory<byte> file, string name, long? noDataIndex, Plane plane)
    {
        var directory = TiffDirectory.First(file.Span, name);
        var format = TiffFormat.Read(directory, name);
        using (var mask = TiffInternalMask.Find(directory, format, new TiffBytes(file, name)))
        {
            if (mask is not null)
            {
                var band = new byte[plane.Validity.Length];
                mask.Read(0, format.Height, band);
                ValidPixels.ExcludeZeros(band, plane.Validity);
            }
        }
        if (noDataIndex is not (>= 0 and <= byte.MaxValue))
            return;
        var grid = TiffGrid.Read(directory, format, RasterLimits.MaxBlockBytes, name);
        using var rows = new TiffRows(grid, TiffBlocks.Open(new TiffBytes(file, name), directory, grid), noDataIndex.Value);
        var indices = new byte[format.Height * rows.RowBytes];
        rows.Read(0, format.Height, indices);
        for (var i = 0; i < plane.Validity.Length; i++)
        {
            if (indices[i * format.Samples] == noDataIndex)
                plane.Validity[i] = ValidPixels.None;
        }
    }

    /// <summary>A plane that is made when the first pixel may be none.</summary>
    private sealed class Plane(int pixels)
    {
        private byte[]? _validity;

        public byte[] Validity
        {
            get
            {
                if (_validity is null)
                {
                    _validity = GC.AllocateUninitializedArray<byte>(pixels);
                    _validity.AsSpan().Fill(ValidPixels.Valid);
                }
                return _validity;
            }
        }

        public byte[]? Result => _validity.AsSpan().Contains(ValidPixels.None) ? _validity : null;
    }
}
