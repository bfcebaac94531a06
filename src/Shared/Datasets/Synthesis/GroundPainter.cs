namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Land without what stands on it: crops in rows, grass, yards, roads and the cars on them.</summary>
internal sealed class GroundPainter
{
    private static readonly Rgb s_hedge = new(0.27f, 0.34f, 0.19f), s_yard = new(0.60f, 0.58f, 0.54f), s_forest = new(0.24f, 0.29f, 0.16f);
    private static readonly Rgb[] s_grass = [new(0.37f, 0.48f, 0.25f), new(0.41f, 0.47f, 0.27f), new(0.48f, 0.45f, 0.28f), new(0.51f, 0.47f, 0.34f)];

    /// <summary>Crops as the season leaves them: young, full, flowering, ripe, cut, ploughed wet and ploughed dry.</summary>
    private static readonly Rgb[] s_crops =
    [
        new(0.42f, 0.53f, 0.27f), new(0.25f, 0.39f, 0.18f), new(0.70f, 0.67f, 0.26f), new(0.73f, 0.62f, 0.38f),
        new(0.66f, 0.59f, 0.44f), new(0.38f, 0.29f, 0.22f), new(0.62f, 0.50f, 0.39f),
    ];

    private static readonly int[][] s_cropsOfSeason = [[0, 0, 1, 2, 5, 6], [1, 2, 3, 3, 4], [0, 4, 5, 5, 6], [0, 4, 5, 6, 6]];

    private readonly Scene _scene;
    private readonly DateConditions _date;
    private readonly FieldState[] _fields;
    private readonly List<(Box Box, Rgb Color)> _cars = [];
    private int _last;

    /// <summary>What a parcel's vegetation looks like at one date.</summary>
    private readonly record struct FieldState(Land Land, Rgb Color, float RowU, float RowV, float RowPeriod, float RowDepth);

    public GroundPainter(Scene scene, DateConditions date, long seed, long index)
    {
        (_scene, _date) = (scene, date);
        var before = date.Date == Presence.Before;
        var random = new SceneRandom(seed, index, before ? SceneStream.BeforeFields : SceneStream.AfterFields);
        _fields = [.. scene.Parcels.Select(parcel => State(ref random, parcel))];
        var traffic = new SceneRandom(seed, index, before ? SceneStream.BeforeCars : SceneStream.AfterCars);
        foreach (var road in scene.Roads.Where(road => (road.Presence & date.Date) != 0))
            Park(ref traffic, road);
    }

    /// <summary>The ground's colour at a point of the scene's bent axes.</summary>
    public Rgb At(float u, float v)
    {
        foreach (var (box, color) in _cars)
            if (box.Contains(u, v))
                return color;
        foreach (var road in _scene.Roads)
            if ((road.Presence & _date.Date) != 0 && road.Box.Contains(u, v))
                return Surface(road, u, v);
        var index = ParcelAt(u, v);
        return index < 0 ? s_hedge + 0.05f * ValueNoise.At(_date.Key, u, v, 2) : Vegetation(index, u, v);
    }

    private FieldState State(ref SceneRandom random, Parcel parcel)
    {
        var land = parcel.At(_date.Date);
        // Rows run the same way every year, along a side of the parcel; what grows in them is the year's affair.
        var alongU = (parcel.Key & 1) == 0;
        var crop = s_crops[random.Pick<int>(s_cropsOfSeason[(int)_date.Season])] * random.Between(0.9f, 1.1f);
        var grass = s_grass[(int)_date.Season] * random.Between(0.9f, 1.12f);
        var color = land switch
        {
            Land.Field => crop,
            Land.Wood => s_forest.Towards(grass, 0.3f),
            Land.Industry => s_yard.Towards(grass, (parcel.Key & 2) == 0 ? 0.2f : 0.6f),
            _ => grass,
        };
        return new FieldState(
            land, color, alongU ? 0 : 1, alongU ? 1 : 0, 2.6f + (parcel.Key >> 8 & 3) * 0.7f, land == Land.Field ? random.Between(0.03f, 0.12f) : 0);
    }

    private void Park(ref SceneRandom random, Road road)
    {
        var length = road.AlongU ? road.Box.Width : road.Box.Height;
        for (var at = random.Between(0, 30); at < length - 5; at += random.Between(9, 60))
        {
            var lane = random.Chance(0.5f) ? 0.27f : 0.73f;
            var color = random.Pick<Rgb>([Rgb.Grey(0.92f), Rgb.Grey(0.16f), new(0.62f, 0.16f, 0.15f), new(0.22f, 0.30f, 0.48f), Rgb.Grey(0.66f)]);
            var across = (road.AlongU ? road.Box.V0 + road.Box.Height * lane : road.Box.U0 + road.Box.Width * lane) - 0.95f;
            var along = (road.AlongU ? road.Box.U0 : road.Box.V0) + at;
            _cars.Add((road.AlongU ? new Box(along, across, along + 4.2f, across + 1.9f) : new Box(across, along, across + 1.9f, along + 4.2f), color));
        }
    }

    private static Rgb Surface(Road road, float u, float v)
    {
        var (across, along) = road.AlongU ? ((v - road.Box.V0) / road.Box.Height, u) : ((u - road.Box.U0) / road.Box.Width, v);
        var grain = 0.035f * ValueNoise.At(road.Key, u, v, 1.3f) + 0.03f * ValueNoise.At(road.Key ^ 2, u, v, 14);
        var width = road.AlongU ? road.Box.Height : road.Box.Width;
        var dash = along / 7;
        if (width > 6 && across is > 0.46f and < 0.54f && dash - MathF.Floor(dash) < 0.5f)
            return road.Surface + 0.28f;
        // Kerbs are paler than the worn lanes.
        return road.Surface + (across is < 0.1f or > 0.9f ? 0.07f : 0) + grain;
    }

    private Rgb Vegetation(int index, float u, float v)
    {
        var (field, key) = (_fields[index], _scene.Parcels[index].Key);
        var texture = 0.030f * ValueNoise.At(key, u, v, 22) + 0.024f * ValueNoise.At(
            key ^ 3, u, v, 6) + 0.030f * ValueNoise.At(key ^ 5 ^ _date.Key, u, v, 1.6f);
        var color = field.Color;
        if (field.Land == Land.Settlement && ValueNoise.At(key ^ 7, u, v, 13) > 0.42f)
            color = s_yard;
        if (field.RowDepth > 0)
        {
            var row = (u * field.RowU + v * field.RowV) / field.RowPeriod;
            var wave = row - MathF.Floor(row);
            texture += field.RowDepth * (wave < 0.5f ? 4 * wave - 1 : 3 - 4 * wave) * 0.6f;
            var tramline = row / 7;
            tramline -= MathF.Floor(tramline);
            if (tramline is < 0.035f or (> 0.10f and < 0.135f))
                texture -= 0.06f;
        }
        return color * (1 + 1.6f * texture) + 0.35f * texture;
    }

    /// <summary>Neighbouring points mostly lie in the parcel of the one before.</summary>
    private int ParcelAt(float u, float v)
    {
        if (_scene.Parcels[_last].Box.Contains(u, v))
            return _last;
        for (var i = 0; i < _scene.Parcels.Count; i++)
            if (_scene.Parcels[i].Box.Contains(u, v))
                return _last = i;
        return -1;
    }
}
