using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tiff;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Masks;

/// <summary>
/// A mask of any size, read downwards by rows, with the values that <see cref="MaskCodec"/> would give. TIFF and what has no palette is read so: where there
/// is one, the readers of images would expand it.
/// </summary>
public sealed class MaskRaster : IDisposable
{
    private readonly IRasterReader? _image;
    private readonly SafeFileHandle? _file;
    private readonly TiffRows? _rows;
    private readonly TiffFormat _format;
    private readonly MaskShape _shape;
    private readonly bool _isLossy;

    private MaskRaster(string name, IRasterReader image, bool isLossy)
    {
        (Name, _image, _isLossy) = (name, image, isLossy);
        _shape = new(image.Shape.Width, image.Shape.Height, image.Shape.Channels, image.Shape.Type switch
        {
            PixelType.UInt8 => MaskType.UInt8,
            PixelType.UInt16 => MaskType.UInt16,
            _ => MaskType.Float32,
        }, HasAlpha: false);
    }

    private MaskRaster(string name, SafeFileHandle file, TiffFormat format, TiffRows rows)
    {
        (Name, _file, _format, _rows) = (name, file, format, rows);
        _shape = new(format.Width, format.Height, format.Samples, TiffMask.Type(format, name), format.IsLastAlpha);
    }

    public string Name { get; }
    public int Width => _shape.Width;
    public int Height => _shape.Height;

    /// <param name="path">The file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ImageException">It is truncated, damaged, or of a kind that is not read by rows.</exception>
    public static MaskRaster Open(string path, string name)
    {
        Span<byte> head = stackalloc byte[BmpHeader.MaxBytes];
        using (var file = File.OpenHandle(path))
            head = head[..RandomAccess.Read(file, head, 0)];
        var format = ImageSignature.Of(head, name);
        if (format == ImageFormat.Tiff)
            return OpenTiff(path, name);
        if (format == ImageFormat.Png && PngHeader.Read(head, name) is { Color: PngColor.Palette } or { BitDepth: < 8 } or { StoredChannels: 2 or 4 }
            || format == ImageFormat.Bmp && BmpHeader.Read(head, name).IsIndexed)
            throw ImageException.Unsupported(
                name, "a mask with a palette, alpha or few bits that is too large to be held whole; write it as a TIFF, or cut it");
        return new(name, RasterFile.Open(path, name, place: null), isLossy: format is ImageFormat.Jpeg or ImageFormat.WebP);
    }

    /// <summary>The next rows. None above them is asked for again.</summary>
    /// <exception cref="ImageException">The file is truncated or damaged.</exception>
    public MaskImage Read(int first, int count)
    {
        var shape = _shape with { Height = count };
        var values = new byte[shape.Bytes];
        if (_image is not null)
        {
            _image.ReadRows(first, count, values);
            return new MaskImage(shape, shape.Channels == 3 ? MaskUnit.Colour : MaskUnit.Number, values)
            {
                Missing = MaskValues.Missing(shape, values, noData: null, Name),
                IsLossy = _isLossy,
            };
        }
        _rows!.Read(first, count, values);
        return TiffMask.Of(TiffDirectory.First(_file!, Name), _format, shape, values, Name);
    }

    public void Dispose()
    {
        _image?.Dispose();
        _rows?.Dispose();
        _file?.Dispose();
    }

    private static MaskRaster OpenTiff(string path, string name)
    {
        var file = File.OpenHandle(path);
        try
        {
            var directory = TiffDirectory.First(file, name);
            directory.RequireSound();
            var format = TiffFormat.ReadStored(directory, name);
            var grid = TiffGrid.Read(directory, format, RasterLimits.MaxBlockBytes, name);
            // As the file stores it; blocks that it leaves out are turned round with the others.
            var noData = GdalNoData.Read(directory, format with { Photometric = TiffFormat.BlackIsZero }).Value;
            return new(name, file, format, new TiffRows(grid, TiffBlocks.Open(new TiffBytes(file, path, name), directory, grid), noData ?? 0));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
