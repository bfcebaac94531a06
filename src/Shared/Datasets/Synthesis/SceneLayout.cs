namespace ChangeDetection.Datasets.Synthesis;

/// <summary>
/// Lays out a scene: land is split into parcels, roads run along the first splits, parcels are built on, and some of what is built
/// stands at one date alone. Sizes are pixels whatever the image's size: a larger image shows more land.
/// </summary>
internal sealed class SceneLayout
{
    private static readonly Rgb s_asphalt = new(0.45f, 0.45f, 0.47f), s_concrete = new(0.63f, 0.62f, 0.59f), s_gravel = new(0.71f, 0.67f, 0.60f);

    private readonly List<Parcel> _parcels = [];
    private readonly List<Road> _roads = [];
    private SceneRandom _random;

    private SceneLayout(SceneRandom random) => _random = random;

    public static Scene Create(long seed, long index, int size)
    {
        var layout = new SceneLayout(new SceneRandom(seed, index, SceneStream.Layout));
        var (cos, sin) = layout._random.Direction();
        var axes = new SceneAxes(size / 2f, cos, sin, layout._random.Key());
        // The image's corners reach 0.71 of its size from the centre, the bend and the shift between dates a little further.
        var reach = size * 0.71f + 16;
        layout.Split(new Box(-reach, -reach, reach, reach));
        var buildings = SceneBuildings.Place(new SceneRandom(seed, index, SceneStream.Buildings), layout._parcels);
        var trees = SceneTrees.Plant(new SceneRandom(seed, index, SceneStream.Trees), layout._parcels, layout._roads, buildings);
        return new Scene(axes, layout._parcels, layout._roads, buildings, trees);
    }

    private void Split(Box box)
    {
        var alongU = box.Width >= box.Height;
        var length = alongU ? box.Width : box.Height;
        if (length < _random.Between(62, 88))
        {
            Settle(box);
            return;
        }
        var at = (alongU ? box.U0 : box.V0) + length * _random.Between(0.38f, 0.62f);
        var half = 0.6f;
        if (length > 90 && _random.Chance(0.7f))
        {
            half = _random.Between(2.6f, 4.2f);
            var strip = alongU ? box with { U0 = at - half, U1 = at + half } : box with { V0 = at - half, V1 = at + half };
            _roads.Add(new Road(strip, !alongU, _random.Chance(0.75f) ? s_asphalt : s_concrete, Presence.Both, _random.Key()));
        }
        Split(alongU ? box with { U1 = at - half } : box with { V1 = at - half });
        Split(alongU ? box with { U0 = at + half } : box with { V0 = at + half });
    }

    private void Settle(Box box)
    {
        var land = _random
            .Next() switch { < 0.44f => Land.Settlement, < 0.58f => Land.Industry, < 0.86f => Land.Field, < 0.94f => Land.Meadow, _ => Land.Wood };
        var built = Presence.Both;
        if (land is Land.Settlement or Land.Industry)
            built = _random.Next() switch { < 0.30f => Presence.After, < 0.42f => Presence.Before, _ => Presence.Both };
        _parcels.Add(new Parcel(box, land, built, _random.Key()));
        if (land is Land.Field or Land.Meadow && _random.Chance(0.40f))
            AddRoad(box, _random.Chance(0.6f) ? Presence.After : Presence.Before);
    }

    /// <summary>A road through a parcel that the other date does not know.</summary>
    private void AddRoad(Box box, Presence presence)
    {
        var half = _random.Between(2.4f, 3.6f);
        var alongU = _random.Chance(0.5f);
        var at = _random.Between(0.25f, 0.75f);
        var middle = alongU ? box.V0 + box.Height * at : box.U0 + box.Width * at;
        var strip = alongU ? box with { V0 = middle - half, V1 = middle + half } : box with { U0 = middle - half, U1 = middle + half };
        _roads.Add(new Road(strip, alongU, _random.Pick<Rgb>([s_asphalt, s_concrete, s_gravel]), presence, _random.Key()));
    }
}
