using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Geodesy;

/// <summary>
/// From coordinates of a map to longitude and latitude on WGS 84, for those systems of which that is known exactly here. Others need shifts of datum or
/// projections that GDAL and PROJ know.
/// </summary>
public abstract class EarthMapping(Ellipsoid ellipsoid)
{
    /// <summary>What the latitudes are on.</summary>
    public Ellipsoid Ellipsoid => ellipsoid;

    /// <summary>The point of the earth. Longitudes go on beyond half a turn where the map does: neighbours on the map are neighbours here.</summary>
    public abstract EarthPoint At(double x, double y);

    /// <summary>Whether the mapping is right there.</summary>
    public virtual bool Holds(double x, double y) => true;

    /// <summary>
    /// Null where the place is not known, or its system is none of these: WGS 84 and ETRS89 in degrees, UTM on them, a transverse Mercator projection that
    /// the tags define on them, Web Mercator; or where the image reaches beyond where the mapping is right.
    /// </summary>
    /// <param name="width">Of the image, in pixels.</param>
    /// <param name="height">Likewise.</param>
    public static EarthMapping? Of(Georeference? place, int width, int height)
    {
        if (place?.Transform is not { } transform || CoordinateSystems.MappingOf(place) is not { } mapping)
            return null;
        foreach (var (column, row) in new[] { (0, 0), (width, 0), (0, height), (width, height) })
        {
            var (x, y) = transform.Apply(column, row);
            if (!mapping.Holds(x, y))
                return null;
        }
        return mapping;
    }

    /// <summary>Degrees on the map already.</summary>
    internal sealed class Degrees(Ellipsoid ellipsoid) : EarthMapping(ellipsoid)
    {
        /// <summary>A raster may reach over the poles by part of a pixel.</summary>
        private const double Overlap = 1;

        public override EarthPoint At(double x, double y) =>
            new(double.DegreesToRadians(x), double.DegreesToRadians(Math.Clamp(y, -90, 90)));

        public override bool Holds(double x, double y) => Math.Abs(x) <= 720 && Math.Abs(y) <= 90 + Overlap;
    }

    /// <summary>EPSG:3857: formulas of the sphere with WGS 84's own latitudes (IOGP Guidance Note 7-2, Popular Visualisation Pseudo Mercator).</summary>
    internal sealed class WebMercator() : EarthMapping(Ellipsoid.Wgs84)
    {
        public override EarthPoint At(double x, double y) =>
            new(x / Ellipsoid.SemiMajorAxis, Math.Atan(Math.Sinh(y / Ellipsoid.SemiMajorAxis)));

        public override bool Holds(double x, double y) =>
            Math.Abs(x) <= 4 * Math.PI * Ellipsoid.SemiMajorAxis && Math.Abs(y) <= 2 * Math.PI * Ellipsoid.SemiMajorAxis;
    }
}

/// <summary>A point on the ellipsoid, in radians: east of Greenwich, north of the equator.</summary>
public readonly record struct EarthPoint(double Longitude, double Latitude);
