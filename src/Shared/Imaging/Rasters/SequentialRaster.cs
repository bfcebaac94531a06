using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using NetVips;
using VipsRegion = NetVips.Region;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>A PNG, JPEG or WebP, decoded downwards by libvips: it holds the rows that are being read, and no others. One thread reads.</summary>
internal sealed class SequentialRaster : IRasterReader
{
    private const int RowsAtOnce = 16;

    private readonly Image _image;
    /// <summary>One for all rows: between two operations libvips would forget what it has decoded ahead.</summary>
    private readonly VipsRegion _region;

    /// <param name="shape">As the header says, which was checked before.</param>
    /// <exception cref="ImageException">The file is damaged.</exception>
    public SequentialRaster(string path, string name, ImageShape shape)
    {
        (Name, Shape) = (name, shape);
        try
        {
            using var gate = VipsGate.Together();
            _image = Open(path);
            _region = VipsRegion.New(_image);
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
    }

    public string Name { get; }
    public ImageShape Shape { get; }
    public Georeference? Georeference => null;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        var rowBytes = Shape.Width * Shape.Channels * Shape.BytesPerValue;
        try
        {
            using var gate = VipsGate.Together();
            for (var at = 0; at < count; at += RowsAtOnce)
            {
                var rows = _region.Fetch(0, first + at, Shape.Width, Math.Min(RowsAtOnce, count - at));
                if (rows.Length != Math.Min(RowsAtOnce, count - at) * rowBytes)
                    throw ImageException.Damaged(Name, $"rows of {Shape} come to {rows.Length:N0} bytes");
                rows.CopyTo(target[(at * rowBytes)..]);
            }
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
    }

    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
    }

    private Image Open(string path)
    {
        VipsDecoder.Prepare();
        using var loaded = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if (loaded.Width != Shape.Width || loaded.Height != Shape.Height)
            throw ImageException.Damaged(Name, $"the header declares {Shape}, the data {loaded.Width}x{loaded.Height}");
        using var bands = VipsDecoder.WithChannels(loaded, Shape.Channels, Name);
        return bands.Cast(VipsDecoder.Format(Shape.Type));
    }

    private ImageException Damaged(VipsException exception) =>
        ImageException.Damaged(Name, $"cut short or corrupt; libvips says: {exception.Message.ReplaceLineEndings(" ").Trim()}", exception);
}
