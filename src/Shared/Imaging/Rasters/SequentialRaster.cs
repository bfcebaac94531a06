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
    private readonly AlphaUse _alpha;
    /// <summary>Of what is read from the file: with alpha, where a rule asks for it.</summary>
    private readonly ImageShape _read;
    private byte[] _rows = [];

    /// <param name="shape">As the header says, which was checked before.</param>
    /// <exception cref="ImageException">The file is damaged; or its alpha is more than a mask, and the rule does not say what it is.</exception>
    public SequentialRaster(string path, string name, ImageShape shape, Georeference? georeference, NoDataRule? rule)
    {
        (Name, Georeference, NoData, _alpha) = (name, georeference, rule?.Value, rule?.Alpha ?? AlphaUse.Drop);
        try
        {
            using (VipsGate.Together())
            {
                _image = Open(path, shape, out _read);
                _region = VipsRegion.New(_image);
            }
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
        var hasAlpha = _read.Channels > shape.Channels;
        _alpha = hasAlpha ? _alpha : AlphaUse.Drop;
        Shape = _alpha == AlphaUse.Band ? _read : shape;
        if (_alpha == AlphaUse.Auto)
            SurveyAlpha(path, shape);
    }

    public string Name { get; }
    public ImageShape Shape { get; }
    public Georeference? Georeference { get; }
    public double? NoData { get; }

    public void ReadRows(int first, int count, Span<byte> target)
    {
        if (_read == Shape)
        {
            Fetch(first, count, target);
            return;
        }
        Split(first, count, target, new byte[count * Shape.Width * Shape.BytesPerValue]);
    }

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        validity.Fill(ValidPixels.Valid);
        if (_read == Shape)
            Fetch(first, count, target);
        else
        {
            var alpha = new byte[count * Shape.Width * Shape.BytesPerValue];
            Split(first, count, target, alpha);
            ValidPixels.ExcludeZeros(alpha, validity);
        }
        ValidPixels.Exclude(Shape, target, NoData, validity);
    }

    public void Dispose()
    {
        _region.Dispose();
        _image.Dispose();
    }

    /// <summary>Reads rows and takes alpha apart.</summary>
    private void Split(int first, int count, Span<byte> target, Span<byte> alpha)
    {
        var bytes = (int)(_read with { Height = count }).Bytes;
        if (_rows.Length < bytes)
            _rows = GC.AllocateUninitializedArray<byte>(bytes);
        Fetch(first, count, _rows.AsSpan(0, bytes));
        AlphaBand.Split(_read, _rows.AsSpan(0, bytes), target, alpha);
    }

    private void Fetch(int first, int count, Span<byte> target)
    {
        var rowBytes = _read.Width * _read.Channels * _read.BytesPerValue;
        try
        {
            using var gate = VipsGate.Together();
            for (var at = 0; at < count; at += RowsAtOnce)
            {
                var rows = _region.Fetch(0, first + at, _read.Width, Math.Min(RowsAtOnce, count - at));
                if (rows.Length != Math.Min(RowsAtOnce, count - at) * rowBytes)
                    throw ImageException.Damaged(Name, $"rows of {_read} come to {rows.Length:N0} bytes");
                rows.CopyTo(target[(at * rowBytes)..]);
            }
        }
        catch (VipsException exception)
        {
            throw Damaged(exception);
        }
    }

    /// <summary>Rows cannot be read again: the band is looked at in a reader of its own.</summary>
    private void SurveyAlpha(string path, ImageShape shape)
    {
        try
        {
            using var other = new SequentialRaster(path, Name, shape, georeference: null, new NoDataRule(Alpha: AlphaUse.Mask));
            var survey = new AlphaSurvey(shape.Type, Name);
            var rows = new byte[RowsAtOnce * shape.Width * shape.Channels * shape.BytesPerValue];
            var alpha = new byte[RowsAtOnce * shape.Width * shape.BytesPerValue];
            for (var first = 0; first < shape.Height; first += RowsAtOnce)
            {
                var count = Math.Min(RowsAtOnce, shape.Height - first);
                other.Split(first, count, rows, alpha);
                survey.Add(alpha.AsSpan(0, count * shape.Width * shape.BytesPerValue));
            }
            survey.RequireMask();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private Image Open(string path, ImageShape shape, out ImageShape read)
    {
        VipsDecoder.Prepare();
        using var loaded = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if (loaded.Width != shape.Width || loaded.Height != shape.Height)
            throw ImageException.Damaged(Name, $"the header declares {shape}, the data {loaded.Width}x{loaded.Height}");
        read = _alpha != AlphaUse.Drop && loaded.Bands == shape.Channels + 1 ? shape with { Channels = loaded.Bands } : shape;
        using var bands = VipsDecoder.WithChannels(loaded, read.Channels, Name);
        return bands.Cast(VipsDecoder.Format(shape.Type));
    }

    private ImageException Damaged(VipsException exception) =>
        ImageException.Damaged(Name, $"cut short or corrupt; libvips says: {exception.Message.ReplaceLineEndings(" ").Trim()}", exception);
}
