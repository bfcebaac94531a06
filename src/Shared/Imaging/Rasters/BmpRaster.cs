using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>A Windows bitmap of 24 or 32 bits, or of 8 with a palette: rows lie in the file as they are.</summary>
internal sealed class BmpRaster : IRasterReader
{
    private readonly SafeFileHandle _file;
    private readonly BmpHeader _header;
    private readonly BmpRows _rows;
    private readonly byte[] _row;
    private readonly AlphaUse _alpha;

    /// <exception cref="ImageException">The file is truncated, damaged, or of a kind that is not read; or its alpha is more than a mask.</exception>
    public BmpRaster(string path, string name, Georeference? georeference, NoDataRule? rule)
    {
        (Name, Georeference, NoData) = (name, georeference, rule?.Value);
        _file = File.OpenHandle(path);
        try
        {
            var head = new byte[BmpHeader.MaxBytes];
            var length = RandomAccess.Read(_file, head, 0);
            _header = BmpHeader.Read(head.AsSpan(0, length), name);
            _alpha = _header.HasAlpha && rule is not null ? rule.Alpha : AlphaUse.Drop;
            Shape = _header.Shape with { Channels = _alpha == AlphaUse.Band ? 4 : 3 };
            RasterLimits.Check(Shape, name);
            _header.CheckLength(RandomAccess.GetLength(_file), name);
            _rows = new BmpRows(_header, head.AsSpan(0, length));
            _row = new byte[_header.Stride];
            if (_alpha == AlphaUse.Auto)
                SurveyAlpha();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name { get; }
    public ImageShape Shape { get; }
    public Georeference? Georeference { get; }
    public double? NoData { get; }

    public void ReadRows(int first, int count, Span<byte> target)
    {
        var bytes = Shape.Width * Shape.Channels;
        for (var y = 0; y < count; y++)
        {
            ReadRow(first + y);
            if (_alpha == AlphaUse.Band)
                BmpRows.ConvertWithAlpha(_row, target.Slice(y * bytes, bytes));
            else
                _rows.Convert(_row, target.Slice(y * bytes, bytes));
        }
    }

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        ReadRows(first, count, target);
        validity.Fill(ValidPixels.Valid);
        ValidPixels.Exclude(Shape, target, NoData, validity);
        if (_alpha is AlphaUse.Drop or AlphaUse.Band)
            return;
        var alpha = new byte[Shape.Width];
        for (var y = 0; y < count; y++)
        {
            ReadAlpha(first + y, alpha);
            ValidPixels.ExcludeZeros(alpha, validity.Slice(y * Shape.Width, Shape.Width));
        }
    }

    public void Dispose() => _file.Dispose();

    private void SurveyAlpha()
    {
        var (survey, alpha) = (new AlphaSurvey(PixelType.UInt8, Name), new byte[Shape.Width]);
        for (var y = 0; y < Shape.Height; y++)
        {
            ReadAlpha(y, alpha);
            survey.Add(alpha);
        }
        survey.RequireMask();
    }

    private void ReadAlpha(int y, Span<byte> alpha)
    {
        ReadRow(y);
        for (var x = 0; x < alpha.Length; x++)
            alpha[x] = _row[4 * x + 3];
    }

    private void ReadRow(int y)
    {
        for (var read = 0; read < _row.Length;)
        {
            var got = RandomAccess.Read(_file, _row.AsSpan(read), _header.RowAt(y) + read);
            if (got == 0)
                throw ImageException.Truncated(Name, $"the BMP ended while row {y:N0} was read");
            read += got;
        }
    }
}
