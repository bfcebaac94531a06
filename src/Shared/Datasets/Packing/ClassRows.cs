using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A large mask by rows, as classes.</summary>
/// <param name="masks">The rule for it.</param>
internal sealed class ClassRows(SourceFile file, MaskMapping masks) : IRasterReader
{
    private readonly MaskRaster _mask = MaskRaster.Open(file.FullPath, file.Path);

    public string Name => _mask.Name;

    public ImageShape Shape => new(_mask.Width, _mask.Height, 1, PixelType.UInt8);

    public Georeference? Georeference => null;

    public double? NoData => null;

    /// <summary>Whether a mask can be read by rows.</summary>
    public static bool Reads(SourceFile file)
    {
        // An empty file may be a pipe or a device, which would never end: it is not opened.
        if (new FileInfo(file.FullPath) is not { Exists: true, Length: > 0 })
            return false;
        try
        {
            using var mask = MaskRaster.Open(file.FullPath, file.Path);
            return true;
        }
        catch (Exception exception) when (exception is ImageException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void ReadRows(int first, int count, Span<byte> target) => masks.Apply(_mask.Read(first, count), Name).Bytes.CopyTo(target);

    public void Dispose() => _mask.Dispose();
}
