using ChangeDetection.Core.Planning;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// The files of one pair while they grow, row by row from the top, in the scratch folder: class map, and what of probabilities, polygons and picture is wanted;
/// and the figures about it.
/// </summary>
internal sealed class MapFiles : IDisposable
{
    private readonly ImageShape _scene;
    private readonly MinimumArea? _least;
    private readonly ScratchFile _classFile = new();
    private readonly ScratchFile? _probabilityFile;
    private readonly ScratchFile? _polygonFile;
    private readonly GeoTiffWriter _classes;
    private readonly GeoTiffWriter? _probability;
    private readonly GeoJsonWriter? _json;
    private readonly AreaMeasure _measure;
    private readonly PolygonTracer? _tracer;
    private readonly OverlayPicture? _overlay;
    private readonly byte[] _row;
    private long _changed, _valid;
    private double _area;

    /// <param name="georeference">Of the maps; null: nowhere.</param>
    /// <param name="legend">Of the class map.</param>
    /// <param name="overlay">Whether a picture is made.</param>
    public MapFiles(PredictionRequest request, ImageShape scene, Georeference? georeference, ClassLegend legend, bool overlay)
    {
        (_scene, _row) = (scene, new byte[scene.Width]);
        _least = request.MinArea is { } area ? MinimumArea.TryParse(area) : null;
        _measure = new AreaMeasure(georeference, scene.Width, scene.Height);
        _classes = new(_classFile.Stream, scene.Width, scene.Height, PixelType.UInt8, georeference, $"{StripFile.NoData}", legend);
        if (request.Probability)
        {
            _probabilityFile = new ScratchFile();
            _probability = new(_probabilityFile.Stream, scene.Width, scene.Height, PixelType.Float32, georeference, "nan");
        }
        if (request.Polygons)
        {
            _polygonFile = new ScratchFile();
            _json = new(_polygonFile.Stream, georeference, _measure, request.Wgs84);
        }
        // Areas on the ellipsoid are those of outlines; on the map, pixels are counted.
        if (request.Polygons || _measure.Mapping is not null)
            _tracer = new PolygonTracer(scene.Width, Trace);
        _overlay = overlay ? new OverlayPicture(scene) : null;
    }

    public Stream Classes => _classFile.Stream;

    /// <summary>Null where it is not wanted.</summary>
    public Stream? Probability => _probabilityFile?.Stream;

    /// <inheritdoc cref="Probability"/>
    public Stream? Polygons => _polygonFile?.Stream;

    public bool WantsProbability => _probability is not null;

    public long Changed => _changed;

    /// <summary>Pixels that both dates show.</summary>
    public long Valid => _valid;

    public double Share => _valid == 0 ? 0 : _changed / (double)_valid;

    /// <summary>What has changed, in square metres; null where it is not known how large a pixel is.</summary>
    public double? Area => _measure.Mapping is not null ? _area : _measure.Of(new TracedPolygon([], [], _changed)).SquareMetres;

    /// <summary><c>geodesic</c> or <c>planar</c>; null where there is no area.</summary>
    public string? AreaKind => Area is null ? null : _measure.Kind;

    /// <summary>For the run's page and for programs.</summary>
    public Dictionary<string, double> Figures()
    {
        var figures = new Dictionary<string, double> { ["changed_pixels"] = _changed, ["valid_pixels"] = _valid, ["changed_share"] = Share };
        if (Area is { } area)
            figures["changed_area_m2"] = area;
        return figures;
    }

    /// <summary>Adds rows of classes, whole ones.</summary>
    public void AddClasses(ReadOnlySpan<byte> rows)
    {
        _classes.WriteRows(rows);
        for (; !rows.IsEmpty; rows = rows[_scene.Width..])
        {
            // Picture and outlines do not tell kinds of change apart.
            for (var x = 0; x < _row.Length; x++)
                _row[x] = rows[x] is 0 or StripFile.NoData ? rows[x] : (byte)1;
            _changed += _row.Count((byte)1);
            _valid += _row.Length - _row.Count(StripFile.NoData);
            _overlay?.Add(_row);
            _tracer?.Add(_row);
        }
    }

    /// <summary>Adds rows of probabilities as float32, whole ones.</summary>
    public void AddProbability(ReadOnlySpan<byte> rows) => _probability!.WriteRows(rows);

    /// <summary>Ends the files, once all rows are there.</summary>
    public void Finish()
    {
        _classes.Finish();
        _probability?.Finish();
        _tracer?.Finish();
        _json?.Finish(_tracer!.Cuts);
    }

    /// <summary>The picture, as a PNG.</summary>
    /// <param name="after">The later date, opened anew.</param>
    /// <param name="alive">Called now and then.</param>
    public byte[] Overlay(IRasterReader after, Action alive) =>
        (_overlay ?? throw new InvalidOperationException("No picture was wanted.")).Encode(after, alive);

    public void Dispose()
    {
        _json?.Dispose();
        _classFile.Dispose();
        _probabilityFile?.Dispose();
        _polygonFile?.Dispose();
    }

    private void Trace(TracedPolygon polygon)
    {
        var area = _measure.Of(polygon);
        _area += area.SquareMetres ?? 0;
        if (_least?.Keeps(polygon.Pixels, area.SquareMetres) != false)
            _json?.Write(polygon, area);
    }
}
