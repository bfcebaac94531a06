using System.Text.Json;
using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Polygons;

/// <summary>
/// Writes polygons as a GeoJSON feature collection, one after the other: in the scene's own coordinates, with the member <c>crs</c> of GeoJSON 2008 that
/// GDAL and QGIS heed, or as RFC 7946 asks, in longitude and latitude on WGS 84.
/// </summary>
public sealed class GeoJsonWriter : IDisposable
{
    private const int FlushBytes = 1 << 20;

    /// <summary>Of degrees: a tenth of a micrometre, so that areas of pixels of a decimetre come out of the corners.</summary>
    private const int Decimals = 12;

    private const int AreaDecimals = 6;

    private readonly Utf8JsonWriter _json;
    private readonly AffineTransform _transform;
    private readonly AreaMeasure _measure;
    private readonly bool _isOnEarth;
    private int _count;

    /// <param name="measure">Of the same scene.</param>
    /// <param name="onEarth">Longitude and latitude: the measure has a mapping.</param>
    public GeoJsonWriter(Stream stream, Georeference? georeference, AreaMeasure measure, bool onEarth)
    {
        var isOnTheMap = georeference?.Transform is not null;
        (_measure, _isOnEarth, _transform) = (measure, onEarth, georeference?.Transform ?? AffineTransform.Pixels);
        _json = new Utf8JsonWriter(stream);
        _json.WriteStartObject();
        _json.WriteString("type", "FeatureCollection");
        // RFC 7946 knows one coordinate system, and forbids a collection a member "coordinates".
        if (!onEarth && isOnTheMap && georeference!.Epsg is { } code)
        {
            _json.WriteStartObject("crs");
            _json.WriteString("type", "name");
            _json.WriteStartObject("properties");
            _json.WriteString("name", $"urn:ogc:def:crs:EPSG::{code}");
            _json.WriteEndObject();
            _json.WriteEndObject();
        }
        if (!onEarth)
            _json.WriteString(
                "coordinates", isOnTheMap ? $"the scene's: {georeference!.CoordinateSystem}" : "pixels from the upper left corner, y down");
        _json.WriteStartArray("features");
    }

    /// <param name="area">As the measure found it.</param>
    public void Write(TracedPolygon polygon, MeasuredArea area)
    {
        _json.WriteStartObject();
        _json.WriteString("type", "Feature");
        _json.WriteStartObject("properties");
        _json.WriteNumber("id", ++_count);
        _json.WriteNumber("pixels", polygon.Pixels);
        if (area.SquareMetres is { } metres)
            _json.WriteNumber("area_m2", Math.Round(metres, AreaDecimals));
        else if (area.SquareUnits is { } units)
            _json.WriteNumber("area_map_units", units);
        if (_measure.Kind is { } kind)
            _json.WriteString("area", kind);
        _json.WriteEndObject();
        _json.WriteStartObject("geometry");
        if (_isOnEarth)
            WriteOnEarth([.. _measure.OnEarth(polygon)]);
        else
            WriteOnMap(polygon);
        _json.WriteEndObject();
        _json.WriteEndObject();
        if (_json.BytesPending > FlushBytes)
            _json.Flush();
    }

    /// <param name="cuts">Rows at which polygons were cut; told in the file where there are any.</param>
    public void Finish(IReadOnlyList<int> cuts)
    {
        _json.WriteEndArray();
        if (cuts.Count > 0)
        {
            _json.WriteStartArray("cut_at_rows");
            foreach (var row in cuts)
                _json.WriteNumberValue(row);
            _json.WriteEndArray();
        }
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    private void WriteOnMap(TracedPolygon polygon)
    {
        _json.WriteString("type", "Polygon");
        _json.WriteStartArray("coordinates");
        foreach (var ring in polygon.Holes.Prepend(polygon.Outline))
        {
            _json.WriteStartArray();
            // Counter-clockwise where y points up: with rows counted downwards, the way back.
            for (var i = 0; i <= ring.Length; i++)
            {
                var vertex = ring[(_transform.IsMirrored ? ring.Length - i : i) % ring.Length];
                var (x, y) = _transform.Apply(vertex.X, vertex.Y);
                WritePosition(x, y);
            }
            _json.WriteEndArray();
        }
        _json.WriteEndArray();
    }

    /// <summary>One part is a polygon, several that the antimeridian has cut are one geometry of several.</summary>
    private void WriteOnEarth(IReadOnlyList<EarthPoint[][]> parts)
    {
        _json.WriteString("type", parts.Count == 1 ? "Polygon" : "MultiPolygon");
        if (parts.Count > 1)
            _json.WriteStartArray("coordinates");
        foreach (var part in parts)
        {
            if (parts.Count == 1)
                _json.WriteStartArray("coordinates");
            else
                _json.WriteStartArray();
            foreach (var ring in part)
            {
                _json.WriteStartArray();
                for (var i = 0; i <= ring.Length; i++)
                    WriteDegrees(ring[i % ring.Length]);
                _json.WriteEndArray();
            }
            _json.WriteEndArray();
        }
        if (parts.Count > 1)
            _json.WriteEndArray();
    }

    private void WriteDegrees(EarthPoint point) =>
        WritePosition(Rounded(double.RadiansToDegrees(point.Longitude)), Rounded(double.RadiansToDegrees(point.Latitude)));

    private static double Rounded(double degrees) => Math.Round(degrees, Decimals);

    private void WritePosition(double x, double y)
    {
        _json.WriteStartArray();
        _json.WriteNumberValue(x);
        _json.WriteNumberValue(y);
        _json.WriteEndArray();
    }
}
