using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Geodesy;

/// <summary>Coordinate systems by the keys of GeoTIFF (OGC GeoTIFF 1.1, sections 7.1 and 7.5): those that are mapped to longitude and latitude here.</summary>
internal static class CoordinateSystems
{
    private const int GeodeticSystem = 2048, GeodeticDatum = 2050, PrimeMeridian = 2051, AngularUnit = 2054, EllipsoidKey = 2056, SemiMajorAxis = 2057,
        InverseFlattening = 2059, PrimeMeridianLongitude = 2061, ToWgs84 = 2062, ProjectedSystem = 3072, Projection = 3074, ProjectionMethod = 3075,
        LinearUnit = 3076, LinearUnitSize = 3077, OriginLongitude = 3080, OriginLatitude = 3081, FalseEasting = 3082, FalseNorthing = 3083,
        ScaleAtOrigin = 3092;

    private const int UserDefined = 32767, Degree = 9102, Greenwich = 8901, Metre = 9001, Foot = 9002, UsSurveyFoot = 9003, WebMercator = 3857,
        MethodTransverseMercator = 1, ZonesOfUtm = 60, UtmNorth = 16000, UtmSouth = 16100, Wgs84North = 32600, Wgs84South = 32700, Etrs89North = 25800;

    /// <summary>Systems that have a number, and the ellipsoids of their datums: WGS 84, ETRS89, and those named after an ellipsoid alone.</summary>
    private static readonly Dictionary<int, Ellipsoid> s_geodetic = new()
    {
        [4326] = Ellipsoid.Wgs84, [4258] = Ellipsoid.Grs80, [4030] = Ellipsoid.Wgs84, [4019] = Ellipsoid.Grs80,
    };

    private static readonly Dictionary<int, Ellipsoid> s_datums = new()
    {
        [6326] = Ellipsoid.Wgs84, [6258] = Ellipsoid.Grs80, [6030] = Ellipsoid.Wgs84, [6019] = Ellipsoid.Grs80,
    };

    private static readonly Dictionary<int, Ellipsoid> s_ellipsoids = new() { [7030] = Ellipsoid.Wgs84, [7019] = Ellipsoid.Grs80 };

    /// <summary>Null: not known here.</summary>
    public static EarthMapping? MappingOf(Georeference place)
    {
        var projected = place.Key(ProjectedSystem);
        if (projected is null or 0 && place.Key(Projection) is null && place.Key(ProjectionMethod) is null)
            return GeodeticOf(place) is { } ellipsoid ? new EarthMapping.Degrees(ellipsoid) : null;
        if (projected == WebMercator)
            return new EarthMapping.WebMercator();
        return Numbered(projected ?? 0) ?? (projected is null or UserDefined && GeodeticOf(place) is { } datum ? Defined(place, datum) : null);
    }

    /// <summary>What one unit of a projected map is in metres; null where the file does not say, or the map is one of degrees.</summary>
    public static double? MetresPerUnit(Georeference place) => place.Key(LinearUnit) switch
    {
        Metre => 1,
        Foot => 0.3048,
        UsSurveyFoot => 1200.0 / 3937,
        UserDefined => place.Parameter(LinearUnitSize),
        _ => null,
    };

    private static TransverseMercator? Numbered(int code) => code switch
    {
        > Wgs84North and <= Wgs84North + ZonesOfUtm => Utm(Ellipsoid.Wgs84, code - Wgs84North, isSouth: false),
        > Wgs84South and <= Wgs84South + ZonesOfUtm => Utm(Ellipsoid.Wgs84, code - Wgs84South, isSouth: true),
        >= Etrs89North + 28 and <= Etrs89North + 38 => Utm(Ellipsoid.Grs80, code - Etrs89North, isSouth: false),
        _ => null,
    };

    private static TransverseMercator? Defined(Georeference place, Ellipsoid ellipsoid)
    {
        if (place.Key(Projection) is { } zone and not UserDefined)
        {
            return zone is > UtmNorth and <= UtmNorth + ZonesOfUtm ? Utm(ellipsoid, zone - UtmNorth, isSouth: false)
                : zone is > UtmSouth and <= UtmSouth + ZonesOfUtm ? Utm(ellipsoid, zone - UtmSouth, isSouth: true)
                : null;
        }
        return place.Key(ProjectionMethod) == MethodTransverseMercator && MetresPerUnit(place) is { } unit
            && place.Parameter(OriginLongitude) is { } longitude && place.Parameter(OriginLatitude) is { } latitude
            && place.Parameter(ScaleAtOrigin) is > 0 and var scale
            && place.Parameter(FalseEasting) is { } easting && place.Parameter(FalseNorthing) is { } northing
                ? new TransverseMercator(ellipsoid, new(
                    double.DegreesToRadians(longitude), double.DegreesToRadians(latitude), scale, easting * unit, northing * unit, unit))
                : null;
    }

    private static TransverseMercator Utm(Ellipsoid ellipsoid, int zone, bool isSouth) => new(ellipsoid, TransverseMercatorParameters.Utm(zone, isSouth));

    /// <summary>
    /// The ellipsoid, where longitudes and latitudes are those of WGS 84 (within the metre that ETRS89 has drifted), in degrees from Greenwich.
    /// </summary>
    private static Ellipsoid? GeodeticOf(Georeference place)
    {
        if (place.Key(AngularUnit) is not (null or Degree) || place.Key(PrimeMeridian) is not (null or Greenwich or UserDefined)
            || place.Parameter(PrimeMeridianLongitude) is not (null or 0) || place.Parameters(ToWgs84).Any(shift => shift != 0))
            return null;
        if (place.Key(PrimeMeridian) == UserDefined && place.Parameter(PrimeMeridianLongitude) is null)
            return null;
        return place.Key(GeodeticSystem) is { } system and not UserDefined ? s_geodetic.GetValueOrDefault(system)
            : place.Key(GeodeticDatum) is { } datum and not UserDefined ? s_datums.GetValueOrDefault(datum)
            : place.Key(EllipsoidKey) is { } known and not UserDefined ? s_ellipsoids.GetValueOrDefault(known)
            : s_ellipsoids.Values.FirstOrDefault(
                one => place.Parameter(SemiMajorAxis) == one.SemiMajorAxis
                    && place.Parameter(InverseFlattening) is { } inverse && Math.Abs(inverse - one.InverseFlattening) < 1e-9);
    }
}
