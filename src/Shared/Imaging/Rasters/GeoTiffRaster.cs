using System.Globalization;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// A TIFF, GeoTIFF or BigTIFF in blocks: tiles or strips are decoded one at a time, in any order, once <see cref="TiffDirectory"/> and
/// <see cref="TiffGrid"/> have found the file sound; strips that are not compressed are read as they are, however long one is.
/// </summary>
internal sealed class GeoTiffRaster : IRasterReader
{
    private const int MaxKeys = 4096, MaxText = 65536, MaxTiepoints = 6 * 4096, SurveyBytes = 64 << 20;

    private readonly SafeFileHandle _file;
    private readonly TiffGrid _grid;
    private readonly ITiffBlockDecoder? _decoder;
    private readonly TiffSamples _samples;
    private readonly TiffInternalMask? _mask;
    private readonly AlphaUse _alpha = AlphaUse.Drop;
    /// <summary>The value of blocks that the file leaves out.</summary>
    private readonly double _empty;
    private byte[] _block = [];
    private (int Plane, int Down, int Across) _held = (-1, -1, -1);

    /// <param name="place">Asked where the file does not say itself where its pixels lie.</param>
    /// <exception cref="ImageException">
    /// The file is truncated, damaged, or of a kind that is not read; or its alpha is more than a mask, and the rule does not say what it is.
    /// </exception>
    public GeoTiffRaster(string path, string name, Func<AffineTransform?> place, NoDataRule? rule)
    {
        Name = name;
        _file = File.OpenHandle(path);
        try
        {
            var directory = TiffDirectory.First(_file, name);
            directory.RequireSound();
            _grid = TiffGrid.Read(directory, name);
            Georeference = ReadGeoreference(directory);
            if (Georeference?.Transform is null && place() is { } beside)
                Georeference = (Georeference ?? new Georeference()).At(beside);
            var noData = GdalNoData.Read(directory, _grid.Pixels).Value;
            (NoData, _empty) = (rule?.Value ?? noData, noData ?? 0);
            if (rule is not null)
            {
                _grid = _grid with { Pixels = _grid.Pixels.Under(rule) };
                _alpha = _grid.Pixels.HasAlpha ? rule.Alpha : AlphaUse.Drop;
                _mask = TiffInternalMask.Find(directory, _grid.Pixels, new TiffBytes(_file, path, name));
            }
            _samples = new TiffSamples(_grid, isBigEndian: !directory.Layout.IsLittleEndian && IsReadDirectly);
            _decoder = IsReadDirectly ? null : TiffBlocks.Open(new TiffBytes(_file, path, name), directory, _grid);
        }
        catch
        {
            _mask?.Dispose();
            _file.Dispose();
            throw;
        }
        if (_alpha == AlphaUse.Auto)
            SurveyAlpha();
    }

    public string Name { get; }
    public ImageShape Shape => _grid.Shape;
    public Georeference? Georeference { get; }
    public double? NoData { get; }

    private bool IsReadDirectly => _grid.IsRaw && !_grid.IsTiled;

    public void ReadRows(int first, int count, Span<byte> target) => ReadBands(first, count, target, alpha: []);

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        validity.Fill(ValidPixels.Valid);
        if (_alpha is AlphaUse.Drop or AlphaUse.Band)
            ReadRows(first, count, target);
        else
        {
            var alpha = new byte[count * Shape.Width * Shape.BytesPerValue];
            ReadBands(first, count, target, alpha);
            ValidPixels.ExcludeZeros(alpha, validity);
        }
        ValidPixels.Exclude(Shape, target, NoData, validity);
        if (_mask is null)
            return;
        var mask = new byte[count * Shape.Width];
        _mask.Read(first, count, mask);
        ValidPixels.ExcludeZeros(mask, validity);
    }

    public void Dispose()
    {
        _mask?.Dispose();
        _decoder?.Dispose();
        _file.Dispose();
    }

    /// <summary>Looks at a band of alpha before anything is read, some rows of blocks at a time.</summary>
    private void SurveyAlpha()
    {
        try
        {
            var survey = new AlphaSurvey(Shape.Type, Name);
            var rowBytes = Shape.Width * Shape.BytesPerValue;
            var rows = Math.Clamp(SurveyBytes / rowBytes, 1, Math.Min(_grid.BlockHeight, Shape.Height));
            var alpha = new byte[rows * rowBytes];
            for (var first = 0; first < Shape.Height; first += rows)
            {
                var part = alpha.AsSpan(0, Math.Min(rows, Shape.Height - first) * rowBytes);
                ReadBands(first, part.Length / rowBytes, target: [], part);
                survey.Add(part);
            }
            survey.RequireMask();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <param name="target">Gets [count, width, channels]; empty: they are not wanted.</param>
    /// <param name="alpha">Gets the band of alpha, in the image's type; empty: it is not wanted.</param>
    private void ReadBands(int first, int count, Span<byte> target, Span<byte> alpha)
    {
        var (plane, end) = _grid.IsPlanar ? (target.IsEmpty ? Shape.Channels : 0, Shape.Channels + (alpha.IsEmpty ? 0 : 1)) : (0, 1);
        for (; plane < end; plane++)
        {
            for (var down = first / _grid.BlockHeight; down * (long)_grid.BlockHeight < first + count; down++)
            {
                for (var across = 0; across < _grid.Across; across++)
                {
                    if (!_grid.IsPlanar)
                        ReadBlock(plane, down, across, first, count, target, alpha);
                    else if (plane < Shape.Channels)
                        ReadBlock(plane, down, across, first, count, target, alpha: []);
                    else
                        ReadBlock(plane, down, across, first, count, target: [], alpha);
                }
            }
        }
    }

    /// <summary>Copies what a block has of the wanted rows.</summary>
    private void ReadBlock(int plane, int down, int across, int first, int count, Span<byte> target, Span<byte> alpha)
    {
        var top = down * _grid.BlockHeight;
        var (from, to) = (Math.Max(first, top), Math.Min(first + count, Math.Min(top + _grid.BlockHeight, Shape.Height)));
        var (left, width) = (across * _grid.BlockWidth, Math.Min(_grid.BlockWidth, Shape.Width - across * _grid.BlockWidth));
        var stride = (int)_grid.BlockBytes(1);
        var index = (plane * _grid.Down + down) * _grid.Across + across;
        var rowBytes = Shape.Width * Shape.Channels * Shape.BytesPerValue;
        ReadOnlySpan<byte> rows;
        if (_grid.Offsets[index] == 0)
            rows = Empty(stride * (to - from));
        else if (IsReadDirectly)
            rows = ReadDirectly(_grid.Offsets[index] + (long)(from - top) * stride, stride * (to - from));
        else
            rows = Decode(plane, down, across, index, top).AsSpan((from - top) * stride, (to - from) * stride);
        var alphaBytes = Shape.Width * Shape.BytesPerValue;
        for (var y = from; y < to; y++)
        {
            var row = rows.Slice((y - from) * stride, stride);
            if (!target.IsEmpty)
                _samples.Place(row, width, plane, target.Slice((y - first) * rowBytes, rowBytes), left);
            if (!alpha.IsEmpty)
                _samples.PlaceLast(row, width, alpha.Slice((y - first) * alphaBytes, alphaBytes), left);
        }
    }

    private byte[] Decode(int plane, int down, int across, int index, int top)
    {
        if (_held == (plane, down, across))
            return _block;
        _held = (-1, -1, -1);
        var bytes = (int)_grid.BlockBytes(_grid.BlockRows(top));
        Reserve(bytes);
        _decoder!.Decode(index, _block, bytes);
        _held = (plane, down, across);
        return _block;
    }

    private ReadOnlySpan<byte> ReadDirectly(long at, int bytes)
    {
        Reserve(bytes);
        var target = _block.AsSpan(0, bytes);
        while (!target.IsEmpty)
        {
            var read = RandomAccess.Read(_file, target, at);
            if (read == 0)
                throw ImageException.Truncated(Name, $"pixels are needed up to byte {at + target.Length:N0}, where the file has ended");
            at += read;
            target = target[read..];
        }
        return _block.AsSpan(0, bytes);
    }

    /// <summary>A block that the file leaves out holds no data: what that is, if anything, the samples know.</summary>
    private ReadOnlySpan<byte> Empty(int bytes)
    {
        _held = (-1, -1, -1);
        Reserve(bytes);
        _samples.Fill(_block.AsSpan(0, bytes), _empty);
        return _block.AsSpan(0, bytes);
    }

    private void Reserve(int bytes)
    {
        if (_block.Length < bytes)
            _block = GC.AllocateUninitializedArray<byte>(bytes);
    }

    private static Georeference? ReadGeoreference(TiffDirectory directory)
    {
        var georeference = new Georeference
        {
            PixelScale = directory.Doubles(TiffTag.ModelPixelScale, 3),
            Tiepoints = directory.Doubles(TiffTag.ModelTiepoint, MaxTiepoints),
            Transformation = directory.Doubles(TiffTag.ModelTransformation, 16),
            Keys = [.. directory.Numbers(TiffTag.GeoKeyDirectory, MaxKeys).Select(value => (ushort)value)],
            DoubleParameters = directory.Doubles(TiffTag.GeoDoubleParams, MaxKeys),
            AsciiParameters = directory.Ascii(TiffTag.GeoAsciiParams, MaxText),
        };
        if (georeference.PixelScale.Take(2).FirstOrDefault(value => value <= 0, 1) is <= 0 and var scale)
            throw directory.Absurd($"ModelPixelScale is {scale.ToString(CultureInfo.InvariantCulture)}; a pixel's size is above 0");
        if (georeference.Keys.Count > 0 && (georeference.Keys.Count < 4 || 4 + 4 * georeference.Keys[3] > georeference.Keys.Count))
            throw directory.Absurd($"GeoKeyDirectory claims more keys than its {georeference.Keys.Count} numbers hold");
        return georeference is { PixelScale: [], Tiepoints: [], Transformation: [], Keys: [] } ? null : georeference;
    }
}
