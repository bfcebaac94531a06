using ChangeDetection.Core.Planning;
using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>Whether what is asked of polygons can be told of a scene. Said before anything is queued, and again by the worker.</summary>
public static class PolygonCompatibility
{
    /// <param name="scene">What messages call it: a file that says its system, where one does.</param>
    /// <param name="place">Where it lies; null: nowhere.</param>
    /// <param name="width">Of the scene, in pixels.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="wgs84">Whether polygons are wanted in longitude and latitude.</param>
    /// <param name="least">How large polygons have to be; null: of any size.</param>
    /// <param name="polygons">What the file of polygons is called.</param>
    /// <exception cref="RasterPairException">It cannot; the message has a line for each rule that is broken.</exception>
    public static void Check(string scene, Georeference? place, int width, int height, bool wgs84, MinimumArea? least, string polygons)
    {
        var measure = new AreaMeasure(place, width, height);
        var problems = new List<string>();
        if (wgs84 && measure.Mapping is null)
            problems.Add(NoMapping(scene, place, polygons));
        if (least is { IsInPixels: false } && !measure.KnowsMetres)
            problems.Add(
                $"{scene} does not say how many metres a pixel has, so --min-area {least} cannot be told in square metres. Give it in pixels, as in " +
                "--min-area 40px.");
        if (problems.Count > 0)
            throw new RasterPairException(string.Join('\n', problems));
    }

    private static string NoMapping(string scene, Georeference? place, string polygons)
    {
        if (place?.Transform is null)
            return $"{scene} does not say where it lies, so its polygons have no longitude and latitude. Leave --wgs84 out: they are in pixels.";
        if (!place.HasCoordinateSystem)
            return
                $"{scene} says where it lies and not in which coordinate system, so --wgs84 cannot be told. Name the system in the file, for example by " +
                "gdal_translate -a_srs EPSG:CODE, or leave --wgs84 out.";
        return
            $"{scene} is in {place.CoordinateSystem}; --wgs84 knows WGS 84 and ETRS89 in degrees, UTM on them, Web Mercator, and transverse Mercator that " +
            "the file defines on them, within 3900 km of its meridian and not at the poles. Leave --wgs84 out, and turn the polygons afterwards: " +
            GdalCommand.ToLongitudeAndLatitude(place, polygons, scene);
    }
}
