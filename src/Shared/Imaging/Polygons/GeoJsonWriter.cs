using System.Text.Json;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Polygons;

/// <summary>
/// Writes polygons as a GeoJSON feature collection (RFC 7946), one after the other. Coordinates are the scene's own and not the degrees that the RFC asks
/// for: turning them into others is for tools that know how. The collection's member <c>crs</c>, of GeoJSON 2008, names the system, and GDAL and QGIS heed it.
/// </summary>
public sealed class GeoJsonWriter : IDisposable
{
    private const int FlushBytes = 1 << 20;

    private readonly Utf8JsonWriter _json;
    private readonly AffineTransform _transform;
    private readonly bool _isOnTheMap;
    private int _count;

    public GeoJsonWriter(Stream stream, Georeference? georeference)
    {
        _isOnTheMap = georeference?.Transform is not null;
        _transform = georeference?.Transform ?? AffineTransform.Pixels;
        _json = new Utf8JsonWriter(stream);
        _json.WriteStartObject();
        _json.WriteString("type", "FeatureCollection");
        if (_isOnTheMap && georeference!.Epsg is { } code)
        {
            _json.WriteStartObject("crs");
            _json.WriteString("type", "name");
            _json.WriteStartObject("properties");
            _json.WriteString("name", $"urn:ogc:def:crs:EPSG::{code}");
            _json.WriteEndObject();
            _json.WriteEndObject();
        }
        _json.WriteString("coordinates", _isOnTheMap ? $"the scene's: {georeference!.CoordinateSystem}" : "pixels from the upper left corner, y down");
        _json.WriteStartArray("features");
    }

    public void Write(TracedPolygon polygon)
    {
        _json.WriteStartObject();
        _json.WriteString("type", "Feature");
        _json.WriteStartObject("properties");
        _json.WriteNumber("id", ++_count);
        _json.WriteNumber("pixels", polygon.Pixels);
        if (_isOnTheMap)
            _json.WriteNumber("area", polygon.Pixels * _transform.PixelArea);
        _json.WriteEndObject();
        _json.WriteStartObject("geometry");
        _json.WriteString("type", "Polygon");
        _json.WriteStartArray("coordinates");
        Write(polygon.Outline);
        foreach (var hole in polygon.Holes)
            Write(hole);
        _json.WriteEndArray();
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

    /// <summary>A closed ring. Outlines are counter-clockwise where y points up: with rows counted downwards, the way back.</summary>
    private void Write(Vertex[] ring)
    {
        var isMirrored = _transform.XPerColumn * _transform.YPerRow - _transform.XPerRow * _transform.YPerColumn < 0;
        _json.WriteStartArray();
        for (var i = 0; i <= ring.Length; i++)
        {
            var vertex = ring[(isMirrored ? ring.Length - i : i) % ring.Length];
            var (x, y) = _transform.Apply(vertex.X, vertex.Y);
            _json.WriteStartArray();
            _json.WriteNumberValue(x);
            _json.WriteNumberValue(y);
            _json.WriteEndArray();
        }
        _json.WriteEndArray();
    }
}
