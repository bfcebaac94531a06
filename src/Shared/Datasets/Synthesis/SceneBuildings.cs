namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Puts buildings on plots in rows, as they stand along streets, and decides which of them a date does not know.</summary>
internal static class SceneBuildings
{
    /// <summary>The shorter side of a house, at least: smaller ones drown in a network that halves its resolution four times.</summary>
    private const float LeastSide = 10.5f;

    private static readonly Rgb[] s_tiles = [new(0.68f, 0.33f, 0.23f), new(0.74f, 0.43f, 0.28f), new(0.60f, 0.27f, 0.21f), new(0.50f, 0.30f, 0.24f)];
    private static readonly Rgb[] s_slates = [new(0.33f, 0.35f, 0.39f), new(0.40f, 0.41f, 0.43f), new(0.30f, 0.28f, 0.29f)];
    private static readonly Rgb[] s_metals = [new(0.38f, 0.50f, 0.66f), new(0.78f, 0.80f, 0.82f), new(0.36f, 0.55f, 0.52f)];
    private static readonly Rgb[] s_flats = [new(0.86f, 0.86f, 0.84f), new(0.70f, 0.70f, 0.70f), new(0.76f, 0.72f, 0.66f), new(0.58f, 0.57f, 0.57f)];

    public static List<Building> Place(SceneRandom random, IReadOnlyList<Parcel> parcels)
    {
        var buildings = new List<Building>();
        foreach (var parcel in parcels)
        {
            if (parcel.Land is Land.Settlement)
                Rows(ref random, parcel, buildings, random.Between(20, 26), random.Between(19, 25), 5);
            else if (parcel.Land is Land.Industry)
                Rows(ref random, parcel, buildings, random.Between(34, 48), random.Between(30, 42), 7);
        }
        return buildings;
    }

    private static void Rows(ref SceneRandom random, Parcel parcel, List<Building> buildings, float plotWidth, float plotHeight, float gap)
    {
        var land = parcel.Box.Inset(3.5f);
        var (columns, rows) = (Math.Max(1, (int)(land.Width / plotWidth)), Math.Max(1, (int)(land.Height / plotHeight)));
        var (width, height) = (land.Width / columns, land.Height / rows);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (!random.Chance(0.88f) || width - gap < LeastSide || height - gap < LeastSide)
                    continue;
                var (w, h) = (random.Between(Math.Max(LeastSide, width * 0.5f), width - gap), random.Between(Math.Max(LeastSide, height * 0.5f), height - gap));
                var u = land.U0 + column * width + random.Between(gap / 2, width - w - gap / 2);
                var v = land.V0 + row * height + random.Between(gap / 2, height - h - gap / 2);
                var (roof, color) = Roofing(ref random, parcel.Land);
                var tall = parcel.Land == Land.Industry ? random.Between(5, 9) : random.Between(3.5f, 6.5f);
                buildings.Add(new Building(new Box(u, v, u + w, v + h), roof, color, tall, Stands(ref random, parcel), random.Key()));
            }
        }
    }

    private static (Roof Roof, Rgb Color) Roofing(ref SceneRandom random, Land land)
    {
        var shade = random.Between(0.9f, 1.1f);
        var kind = random.Next();
        if (land == Land.Industry)
            return kind < 0.35f ? (Roof.Metal, random.Pick<Rgb>(s_metals) * shade) : (Roof.Flat, random.Pick<Rgb>(s_flats) * shade);
        return kind switch
        {
            < 0.55f => (Roof.Tile, random.Pick<Rgb>(s_tiles) * shade),
            < 0.80f => (Roof.Slate, random.Pick<Rgb>(s_slates) * shade),
            _ => (Roof.Flat, random.Pick<Rgb>(s_flats) * shade),
        };
    }

    /// <summary>A whole new or demolished development, or one house among others that comes or goes.</summary>
    private static Presence Stands(ref SceneRandom random, Parcel parcel) => parcel.Built != Presence.Both
        ? parcel.Built
        : random.Next() switch { < 0.17f => Presence.After, < 0.28f => Presence.Before, _ => Presence.Both };
}
