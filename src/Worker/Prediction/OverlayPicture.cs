using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// A small picture of a scene: each pixel is the mean of some of the later date, coloured where any of those it stands for has changed.
/// Its memory is bounded, however large the scene.
/// </summary>
internal sealed class OverlayPicture
{
    private const int LongestSide = 2048;
    private const long MaxBytes = 64 << 20;
    private const int RowsAtOnce = 256;

    private readonly ImageShape _scene;
    private readonly int _step;
    private readonly ImageShape _shape;
    private readonly byte[] _classes;
    private int _row;

    public OverlayPicture(ImageShape scene)
    {
        _scene = scene;
        for (_step = 1; Math.Max(Side(scene.Width), Side(scene.Height)) > LongestSide || Shape().Bytes > MaxBytes;)
            _step++;
        _shape = Shape();
        _classes = new byte[_shape.Width * _shape.Height];
        Array.Fill(_classes, StripFile.NoData);
    }

    /// <param name="classes">The next row of the scene.</param>
    public void Add(ReadOnlySpan<byte> classes)
    {
        var row = _classes.AsSpan(_row++ / _step * _shape.Width, _shape.Width);
        for (var x = 0; x < classes.Length; x++)
        {
            ref var shown = ref row[x / _step];
            // Change before no change before not known.
            if (classes[x] == 1 || (shown == StripFile.NoData && classes[x] == 0))
                shown = classes[x];
        }
    }

    /// <summary>Composes the picture as a PNG.</summary>
    /// <param name="after">The later date, opened anew.</param>
    /// <param name="alive">Called now and then.</param>
    public byte[] Encode(IRasterReader after, Action alive)
    {
        var small = new AreaReduction(_scene, _step, after.NoData);
        var rowBytes = _scene.Width * _scene.Channels * _scene.BytesPerValue;
        var rows = new byte[Math.Min(RowsAtOnce, _scene.Height) * rowBytes];
        var validity = new byte[rows.Length / rowBytes * _scene.Width];
        for (var first = 0; first < _scene.Height; first += RowsAtOnce)
        {
            var read = rows.AsSpan(0, Math.Min(RowsAtOnce, _scene.Height - first) * rowBytes);
            var valid = validity.AsSpan(0, read.Length / rowBytes * _scene.Width);
            after.ReadRows(first, read.Length / rowBytes, read, valid);
            small.Add(read, valid);
            alive();
        }
        return PictureEncoder.Encode(ChangeOverlay.Compose(small.Image, _classes));
    }

    private int Side(int length) => (length + _step - 1) / _step;

    private ImageShape Shape() => _scene with { Width = Side(_scene.Width), Height = Side(_scene.Height) };
}
