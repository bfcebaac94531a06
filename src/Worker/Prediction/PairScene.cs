using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction;

/// <summary>Two dates of one place, open, found to fit each other and the network, and cut into windows.</summary>
internal sealed class PairScene : IDisposable
{
    private readonly IRasterReader _before;
    private readonly IRasterReader _after;
    private readonly Func<IRasterReader> _openAfter;
    private readonly SceneRows _rows;
    private readonly double _threshold;
    private float[] _probability = [];
    private byte[] _classes = [];

    /// <param name="openBefore">Opens the earlier date; more often than once where pixels are normalised by their own mean.</param>
    /// <param name="openAfter">Likewise the later one.</param>
    /// <param name="alive">Called now and then.</param>
    /// <exception cref="RasterPairException">They do not fit, or what is asked of polygons cannot be told of them.</exception>
    public PairScene(
        PredictionRequest request, PredictionNetwork network, Func<IRasterReader> openBefore, Func<IRasterReader> openAfter, Action alive)
    {
        var (manifest, rescaling) = (network.Manifest, request.Rescale is { } text ? ValueRescaling.TryParse(text) : null);
        _threshold = request.Threshold;
        _openAfter = () => SceneCompatibility.Rescaled(openAfter(), manifest, rescaling);
        var first = openBefore();
        var second = openAfter();
        (_before, _after) = (first, second);
        try
        {
            Georeference = RasterPair.Check(first, second);
            SceneCompatibility.Check(manifest, first, second, rescaling);
            var least = request.MinArea is { } area ? MinimumArea.TryParse(area) : null;
            PolygonCompatibility.Check(
                first.Name, Georeference, first.Shape.Width, first.Shape.Height, request.Wgs84, least, PredictionOutputs.Polygons.Name);
            (_before, _after) = (
                SceneCompatibility.Rescaled(first, manifest, rescaling), SceneCompatibility.Rescaled(second, manifest, rescaling));
            var normalization = SceneNormalization.Of(
                manifest, () => (SceneCompatibility.Rescaled(openBefore(), manifest, rescaling), _openAfter()), alive);
            _rows = new SceneRows(_before, _after);
            var bytesPerRow = (long)Shape.Width * Shape.Channels * (Shape.BytesPerValue + _after.Shape.BytesPerValue);
            Tiling = Tilings.Of(_rows, bytesPerRow, new WindowNetwork(network.Network, network.Device, normalization), network.Field, request.Tile);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ImageShape Shape => _before.Shape;

    /// <summary>That holds for both; null where neither has one.</summary>
    public Georeference? Georeference { get; }

    public ITiling Tiling { get; }

    /// <summary>The date that does not say where it lies, while the other does; null where there is none.</summary>
    public string? Unplaced => (_before.Georeference is null) == (_after.Georeference is null) ? null
        : (_before.Georeference is null ? _before : _after).Name;

    /// <summary>The later date as the network sees it, opened anew.</summary>
    public IRasterReader OpenAfter() => _openAfter();

    /// <summary>Predicts a strip; strips may be left out, and are only ever asked for downwards.</summary>
    /// <param name="windowDone">Called after each window.</param>
    /// <returns>
    /// Of each pixel of its rows the class (0, the kind of change, or <see cref="StripFile.NoData"/>) and the probability of any change (NaN: not known). They
    /// are valid until the next call.
    /// </returns>
    public (ReadOnlyMemory<byte> Classes, ReadOnlyMemory<float> Probability) Predict(int number, Action windowDone)
    {
        var strip = Tiling.Strips[number];
        var pixels = strip.Count * _rows.Width;
        if (_classes.Length < pixels)
        {
            var most = Tiling.Strips.Max(one => one.Count) * _rows.Width;
            (_probability, _classes) = (new float[most * Tiling.Kinds], new byte[most]);
        }
        var probability = _probability.AsSpan(0, pixels * Tiling.Kinds);
        var classes = _classes.AsSpan(0, pixels);
        Tiling.Predict(number, probability, windowDone);
        ClassDecision.Unite(probability, classes);
        for (var y = strip.First; y < strip.End; y++)
            Forget(probability.Slice((y - strip.First) * _rows.Width, _rows.Width), _rows.Missing(y));
        ClassDecision.Decide(probability[..pixels], _threshold, classes);
        return (_classes.AsMemory(0, pixels), _probability.AsMemory(0, pixels));
    }

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    /// <summary>Of pixels that a date does not show, nothing is known.</summary>
    private static void Forget(Span<float> probability, ReadOnlySpan<byte> missing)
    {
        for (var x = 0; x < probability.Length; x++)
        {
            if (missing[x] != 0)
                probability[x] = float.NaN;
        }
    }
}
