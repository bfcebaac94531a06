using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Geodesy;

/// <summary>Commands of GDAL that do what is left to it.</summary>
public static class GdalCommand
{
    /// <summary>Turns polygons in a scene's coordinates into longitude and latitude as RFC 7946 has them.</summary>
    /// <param name="polygons">The GeoJSON file in the scene's coordinates.</param>
    /// <param name="scene">An image that says its system.</param>
    public static string ToLongitudeAndLatitude(Georeference place, string polygons, string scene)
    {
        var system = place.Epsg is { } code ? $"EPSG:{code}" : $"\"$(gdalsrsinfo -o wkt1 --single-line {Quoted(scene)})\"";
        var result = Path.Combine(
            Path.GetDirectoryName(polygons) ?? "", $"{Path.GetFileNameWithoutExtension(polygons)}-wgs84{Path.GetExtension(polygons)}");
        return $"ogr2ogr -f GeoJSON -lco RFC7946=YES -s_srs {system} -t_srs EPSG:4326 {Quoted(result)} {Quoted(polygons)}";
    }

    private static string Quoted(string path) => path.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '-' or '_')
        ? path
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
