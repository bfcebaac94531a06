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
        var missing = _missing.AsSpan(kept * Width, (end - first - kept) * Width);
        var one = _before.Read(kept, first + kept, end - first - kept);
        var other = _after.Read(kept, first + kept, end - first - kept);
        for (var i = 0; i < missing.Length; i++)
            missing[i] = one[i] == ValidPixels.None || other[i] == ValidPixels.None ? (byte)1 : (byte)0;
        End = end;
    }

    /// <summary>Of a row of the scene: 1 for pixels of which either date shows nothing.</summary>
    public ReadOnlySpan<byte> Missing(int row) => _missing.AsSpan((row - First) * Width, Width);

    /// <summary>One date's rows.</summary>
    private sealed class Date(IRasterReader scene)
    {
        private readonly int _rowBytes = scene.Shape.Width * scene.Shape.Channels * scene.Shape.BytesPerValue;
        private byte[] _pixels = [];
        private byte[] _validity = [];

        public PixelImage Held(int rows) => new(scene.Shape with { Height = rows }, _pixels);

        public void Move(int by, int kept, int wanted)
        {
            var pixels = _pixels.Length >= (long)wanted * _rowBytes ? _pixels : GC.AllocateUninitializedArray<byte>(checked(wanted * _rowBytes));
            if (kept > 0)
                Array.Copy(_pixels, by * _rowBytes, pixels, 0, kept * _rowBytes);
            _pixels = pixels;
        }

        /// <returns>Which of the pixels read are there.</returns>
        public ReadOnlySpan<byte> Read(int at, int first, int count)
        {
            if (_validity.Length < count * scene.Shape.Width)
                _validity = new byte[count * scene.Shape.Width];
            var validity = _validity.AsSpan(0, count * scene.Shape.Width);
            scene.ReadRows(first, count, _pixels.AsSpan(at * _rowBytes, count * _rowBytes), validity);
            return validity;
        }
    }
}
