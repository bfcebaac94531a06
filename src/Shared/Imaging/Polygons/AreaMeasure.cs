using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Polygons;

/// <summary>
/// Measures polygons of change: on the ellipsoid where the map is known to it exactly (<see cref="EarthMapping"/>), else on the map. The two differ by what the
/// projection does to areas: 0.08 % in the middle of a UTM zone, a factor of four at 60 degrees of Web Mercator.
/// </summary>
public sealed class AreaMeasure
{
    private readonly Georeference? _place;
    private readonly EarthOutline? _outline;
    private readonly double? _metres;

    /// <param name="place">Null: nowhere, and areas are pixels.</param>
    /// <param name="width">Of the image, in pixels.</param>
    /// <param name="height">Likewise.</param>
    public AreaMeasure(Georeference? place, int width, int height)
    {
        _place = place?.Transform is null ? null : place;
        Mapping = EarthMapping.Of(place, width, height);
        _outline = Mapping is null ? null : new EarthOutline(Mapping, place!.Transform!.Value);
        _metres = _place is null ? null : CoordinateSystems.MetresPerUnit(_place);
    }

    /// <summary>To longitude and latitude; null where that is not known here.</summary>
    public EarthMapping? Mapping { get; }

    /// <summary><c>geodesic</c> or <c>planar</c>; null where there are only pixels.</summary>
    public string? Kind => Mapping is not null ? "geodesic" : _place is not null ? "planar" : null;

    /// <summary>Whether areas are known in square metres.</summary>
    public bool KnowsMetres => Mapping is not null || _metres is not null;

    public MeasuredArea Of(TracedPolygon polygon)
    {
        if (_outline is not null)
            return new(_outline.Rings(polygon).Sum(ring => EllipsoidalArea.Signed(Mapping!.Ellipsoid, ring)), null);
        var onMap = _place is null ? (double?)null : polygon.Pixels * _place.Transform!.Value.PixelArea;
        return new(onMap * _metres * _metres, onMap);
    }

    /// <summary>The polygon's rings as points of the earth, cut where longitudes jump; each part its outline first, then its holes.</summary>
    /// <exception cref="InvalidOperationException">There is no <see cref="Mapping"/>.</exception>
    public IEnumerable<EarthPoint[][]> OnEarth(TracedPolygon polygon) =>
        AntimeridianCut.Of((_outline ?? throw new InvalidOperationException("The map's system is not known here.")).Rings(polygon));
}

/// <summary>The area of a polygon.</summary>
/// <param name="SquareMetres">Null where it is not known how long the map's unit is.</param>
/// <param name="SquareUnits">In units of the map; null where it was measured on the ellipsoid, or where there is no map.</param>
public readonly record struct MeasuredArea(double? SquareMetres, double? SquareUnits);
