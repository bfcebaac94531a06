namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Plants woods, gardens and hedgerows, clear of every building and road of either date. Trees that come or go are no change.</summary>
internal static class SceneTrees
{
    public static List<Tree> Plant(SceneRandom random, IReadOnlyList<Parcel> parcels, IReadOnlyList<Road> roads, IReadOnlyList<Building> buildings)
    {
        var trees = new List<Tree>();
        foreach (var parcel in parcels)
        {
            var density = parcel.Land switch { Land.Wood => 0.030f, Land.Settlement => 0.006f, Land.Industry => 0.0015f, Land.Meadow => 0.002f, _ => 0.0004f };
            var evergreen = random.Chance(0.3f);
            for (var n = (int)(parcel.Box.Width * parcel.Box.Height * density); n > 0; n--)
                Grow(random.Between(parcel.Box.U0, parcel.Box.U1), random.Between(parcel.Box.V0, parcel.Box.V1), evergreen);
            if (random.Chance(0.45f))
                for (var u = parcel.Box.U0; u < parcel.Box.U1; u += random.Between(3, 9))
                    Grow(u, parcel.Box.V0 + random.Between(0, 2), evergreen);
        }
        return trees;

        void Grow(float u, float v, bool evergreen)
        {
            var radius = random.Between(1.8f, 4.6f);
            var presence = random.Next() switch { < 0.10f => Presence.After, < 0.20f => Presence.Before, _ => Presence.Both };
            var key = random.Key();
            var crown = new Box(u - radius, v - radius, u + radius, v + radius);
            if (!buildings.Any(b => b.Box.Overlaps(crown, 0.5f)) && !roads.Any(r => r.Box.Overlaps(crown, 2)))
                trees.Add(new Tree(u, v, radius, presence, evergreen || (key & 7) == 0, key));
        }
    }
}
