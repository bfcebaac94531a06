using System.Buffers.Binary;
using System.IO.Compression;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// Writes one band as a GeoTIFF of deflated tiles, row by row, with reduced copies (overviews) where it is large: in memory is a row of tiles of each
/// size. Of numbers a reduced pixel is the mean of the finite ones among four, of classes one of them. From about 4 GB on it is a BigTIFF.
/// </summary>
public sealed class GeoTiffWriter
{
    public const int Tile = 256;

    /// <summary>The longest side of an image that needs no reduced copy.</summary>
    private const int SmallEnough = 2 * Tile;

    /// <summary>Deflate adds a few bytes to what it cannot compress, and reduced copies add a third.</summary>
    private const long ClassicLimit = 3_000_000_000;

    private const ushort Deflate = 8, MinIsBlack = 1, Palette = 3, Unsigned = 1, Float = 3;

    private readonly Stream _stream;
    private readonly PixelType _type;
    private readonly Georeference? _georeference;
    private readonly string _noData;
    private readonly ClassLegend? _legend;
    private readonly bool _isBig;
    private readonly List<Level> _levels = [];
    private readonly byte[] _tile;
    private readonly MemoryStream _compressed = new();

    /// <param name="stream">Empty, and can seek.</param>
    /// <param name="type"><see cref="PixelType.UInt8"/> or <see cref="PixelType.Float32"/>.</param>
    /// <param name="noData">As GDAL's tag says it: <c>255</c>, <c>nan</c>.</param>
    /// <param name="legend">Names and colours of classes, for a map of 8 bits; null: a map of numbers.</param>
    public GeoTiffWriter(Stream stream, int width, int height, PixelType type, Georeference? georeference, string noData, ClassLegend? legend = null)
    {
        (_stream, _type, _georeference, _noData, _legend) = (stream, type, georeference, noData, legend);
        _tile = new byte[Tile * Tile * Size];
        _isBig = (long)width * height * Size > ClassicLimit;
        for (var (w, h) = (width, height); ; (w, h) = ((w + 1) / 2, (h + 1) / 2))
        {
            _levels.Add(new Level(w, h, Size));
            if (Math.Max(w, h) <= SmallEnough)
                break;
        }
        byte[] head = _isBig ? [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0];
        _stream.Write(head);
    }

    private int Size => _type == PixelType.UInt8 ? 1 : 4;

    /// <summary>Adds the next rows, whole ones.</summary>
    public void WriteRows(ReadOnlySpan<byte> rows)
    {
        var bytes = _levels[0].Width * Size;
        for (; !rows.IsEmpty; rows = rows[bytes..])
            Add(0, rows[..bytes]);
    }

    /// <summary>Writes the directories, once all rows are there. The stream stays open.</summary>
    public void Finish()
    {
        if (_levels[0].RowsDone != _levels[0].Height)
            throw new InvalidOperationException($"{_levels[0].RowsDone} of {_levels[0].Height} rows were written.");
        var link = _isBig ? 8L : 4;
        foreach (var level in _levels)
        {
            var (place, next) = Directory(level).Write(_stream);
            Link(link, place);
            link = next;
        }
        _stream.Position = _stream.Length;
    }

    private void Add(int number, ReadOnlySpan<byte> row)
    {
        var level = _levels[number];
        row.CopyTo(level.Row(level.RowsHeld++));
        level.RowsDone++;
        var isLast = level.RowsDone == level.Height;
        if (number + 1 < _levels.Count && (isLast || (level.RowsDone & 1) == 0))
        {
            var below = level.Row(level.RowsHeld - 1);
            var above = (level.RowsDone & 1) == 0 ? level.Row(level.RowsHeld - 2) : below;
            var reduced = _levels[number + 1].Scratch;
            Reduce(above, below, level.Width, reduced);
            Add(number + 1, reduced);
        }
        if (isLast || level.RowsHeld == Tile)
            Flush(level);
    }

    private void Reduce(ReadOnlySpan<byte> above, ReadOnlySpan<byte> below, int width, Span<byte> target)
    {
        if (_type == PixelType.UInt8)
        {
            for (var x = 0; 2 * x < width; x++)
                target[x] = above[2 * x];
            return;
        }
        for (var x = 0; 2 * x < width; x++)
        {
            var (left, right) = (2 * x, Math.Min(2 * x + 1, width - 1));
            var (sum, count) = (0f, 0);
            Take(Value(above, left));
            Take(Value(above, right));
            Take(Value(below, left));
            Take(Value(below, right));
            BinaryPrimitives.WriteSingleLittleEndian(target[(4 * x)..], count == 0 ? float.NaN : sum / count);

            void Take(float value)
            {
                if (float.IsFinite(value))
                    (sum, count) = (sum + value, count + 1);
            }
        }

        static float Value(ReadOnlySpan<byte> row, int x) => BinaryPrimitives.ReadSingleLittleEndian(row[(4 * x)..]);
    }

    /// <summary>Writes a row of tiles. What of a tile lies outside the image is zeros.</summary>
    private void Flush(Level level)
    {
        for (var left = 0; left < level.Width; left += Tile)
        {
            var bytes = Math.Min(Tile, level.Width - left) * Size;
            _tile.AsSpan().Clear();
            for (var y = 0; y < level.RowsHeld; y++)
                level.Row(y).Slice(left * Size, bytes).CopyTo(_tile.AsSpan(y * Tile * Size));
            _compressed.SetLength(0);
            using (var deflate = new ZLibStream(_compressed, CompressionLevel.Fastest, leaveOpen: true))
                deflate.Write(_tile);
            level.Offsets.Add(_stream.Position);
            level.Lengths.Add(_compressed.Length);
            _stream.Write(_compressed.GetBuffer(), 0, (int)_compressed.Length);
        }
        level.RowsHeld = 0;
    }

    private TiffDirectoryWriter Directory(Level level)
    {
        var directory = new TiffDirectoryWriter(_isBig);
        directory.Long(TiffTag.NewSubfileType, level == _levels[0] ? 0u : 1u);
        directory.Long(TiffTag.ImageWidth, (uint)level.Width);
        directory.Long(TiffTag.ImageLength, (uint)level.Height);
        directory.Short(TiffTag.BitsPerSample, (ushort)(8 * Size));
        directory.Short(TiffTag.Compression, Deflate);
        directory.Short(TiffTag.Photometric, _legend is null ? MinIsBlack : Palette);
        directory.Short(TiffTag.SamplesPerPixel, 1);
        directory.Short(TiffTag.PlanarConfiguration, 1);
        directory.Short(TiffTag.TileWidth, Tile);
        directory.Short(TiffTag.TileLength, Tile);
        directory.Places(TiffTag.TileOffsets, level.Offsets);
        directory.Places(TiffTag.TileByteCounts, level.Lengths);
        directory.Short(TiffTag.SampleFormat, _type == PixelType.UInt8 ? Unsigned : Float);
        directory.Ascii(TiffTag.GdalNoData, _noData);
        if (_legend is not null)
        {
            directory.Short(TiffTag.ColorMap, _legend.ColorMap());
            if (level == _levels[0])
                directory.Ascii(TiffTag.GdalMetadata, _legend.Metadata());
        }
        if (level == _levels[0] && _georeference is { } place)
        {
            directory.Doubles(TiffTag.ModelPixelScale, place.PixelScale);
            directory.Doubles(TiffTag.ModelTiepoint, place.Tiepoints);
            directory.Doubles(TiffTag.ModelTransformation, place.Transformation);
            if (place.Keys.Count > 0)
                directory.Short(TiffTag.GeoKeyDirectory, [.. place.Keys]);
            directory.Doubles(TiffTag.GeoDoubleParams, place.DoubleParameters);
            directory.Ascii(TiffTag.GeoAsciiParams, place.AsciiParameters);
        }
        return directory;
    }

    private void Link(long at, long place)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, place);
        _stream.Position = at;
        _stream.Write(_isBig ? bytes : bytes[..4]);
        _stream.Position = _stream.Length;
    }

    private sealed class Level(int width, int height, int size)
    {
        private readonly byte[] _rows = new byte[Tile * width * size];

        public int Width => width;
        public int Height => height;
        public int RowsHeld { get; set; }
        public int RowsDone { get; set; }
        public List<long> Offsets { get; } = [];
        public List<long> Lengths { get; } = [];
        /// <summary>A row on its way here.</summary>
        public byte[] Scratch { get; } = new byte[width * size];

        public Span<byte> Row(int number) => _rows.AsSpan(number * width * size, width * size);
    }
}
