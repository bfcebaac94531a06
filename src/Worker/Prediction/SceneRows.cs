using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// Some neighbouring rows of both dates in memory. The rows asked for only ever move downwards; those that are asked for again are kept, so that each
/// row is read from its file once.
/// </summary>
internal sealed class SceneRows(IRasterReader before, IRasterReader after)
{
    private readonly Date _before = new(before);
    private readonly Date _after = new(after);
    private byte[] _missing = [];

    public int Width => before.Shape.Width;
    public int Height => before.Shape.Height;

    /// <summary>The first row held.</summary>
    public int First { get; private set; }

    /// <summary>The row behind the last one held.</summary>
    public int End { get; private set; }

    /// <summary>The rows held as an image of their own.</summary>
    public PixelImage Before => _before.Held(End - First);

    /// <inheritdoc cref="Before"/>
    public PixelImage After => _after.Held(End - First);

    /// <summary>Reads what is missing of these rows, and forgets those above them.</summary>
    /// <exception cref="ImageException">A file is truncated or damaged.</exception>
    public void Require(int first, int end)
    {
        var kept = first >= First && first < End ? End - first : 0;
        _before.Move(first - First, kept, end - first);
        _after.Move(first - First, kept, end - first);
        if (_missing.Length < (end - first) * Width)
            Array.Resize(ref _missing, (end - first) * Width);
        if (kept > 0)
            Array.Copy(_missing, (first - First) * Width, _missing, 0, kept * Width);
        First = first;
        if (end <= first + kept)
            return;
        _before.Read(kept, first + kept, end - first - kept);
        _after.Read(kept, first + kept, end - first - kept);
        for (var y = kept; y < end - first; y++)
        {
            var row = _missing.AsSpan(y * Width, Width);
            row.Clear();
            _before.MarkMissing(y, row);
            _after.MarkMissing(y, row);
        }
        End = end;
    }

    /// <summary>Of a row of the scene: 1 for pixels of which either date shows nothing.</summary>
    public ReadOnlySpan<byte> Missing(int row) => _missing.AsSpan((row - First) * Width, Width);

    /// <summary>One date's rows.</summary>
    private sealed class Date(IRasterReader scene)
    {
        private readonly int _rowBytes = scene.Shape.Width * scene.Shape.Channels * scene.Shape.BytesPerValue;
        private byte[] _pixels = [];

        public PixelImage Held(int rows) => new(scene.Shape with { Height = rows }, _pixels);

        public void Move(int by, int kept, int wanted)
        {
            var pixels = _pixels.Length >= (long)wanted * _rowBytes ? _pixels : GC.AllocateUninitializedArray<byte>(checked(wanted * _rowBytes));
            if (kept > 0)
                Array.Copy(_pixels, by * _rowBytes, pixels, 0, kept * _rowBytes);
            _pixels = pixels;
        }

        public void Read(int at, int first, int count) => scene.ReadRows(first, count, _pixels.AsSpan(at * _rowBytes, count * _rowBytes));

        /// <summary>A pixel shows nothing where all bands have the file's value for that, or one is not a finite number.</summary>
        public void MarkMissing(int row, Span<byte> missing)
        {
            var bytes = _pixels.AsSpan(row * _rowBytes, _rowBytes);
            switch (scene.Shape.Type)
            {
                case PixelType.UInt8 when Whole(byte.MaxValue) is { } value:
                    Mark<byte>(bytes, (byte)value, missing);
                    break;
                case PixelType.UInt16 when Whole(ushort.MaxValue) is { } value:
                    Mark<ushort>(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)value, missing);
                    break;
                case PixelType.Float32:
                    var values = MemoryMarshal.Cast<byte, float>(bytes);
                    if (scene.NoData is { } number && !double.IsNaN(number))
                        Mark<float>(values, (float)number, missing);
                    for (var i = 0; i < values.Length; i++)
                    {
                        if (!float.IsFinite(values[i]))
                            missing[i / scene.Shape.Channels] = 1;
                    }
                    break;
            }
        }

        /// <summary>The value for nothing, where pixels of this type can have it.</summary>
        private int? Whole(int most) => scene.NoData is { } value && value >= 0 && value <= most && value == Math.Floor(value) ? (int)value : null;

        private void Mark<T>(ReadOnlySpan<T> values, T nothing, Span<byte> missing) where T : unmanaged, IEquatable<T>
        {
            var channels = scene.Shape.Channels;
            for (var x = 0; x < missing.Length; x++)
            {
                if (!values.Slice(x * channels, channels).ContainsAnyExcept(nothing))
                    missing[x] = 1;
            }
        }
    }
}
