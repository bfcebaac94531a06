namespace ChangeDetection.Datasets.Synthesis;

/// <summary>When an object stands there.</summary>
[Flags]
internal enum Presence { Before = 1, After = 2, Both = Before | After }

/// <summary>What a parcel of land is used for.</summary>
internal enum Land { Field, Meadow, Wood, Settlement, Industry }

/// <summary>What a roof is made of; <see cref="Flat"/> roofs have a parapet, the others a ridge.</summary>
internal enum Roof { Tile, Slate, Metal, Flat }

/// <summary>A rectangle in the scene's own axes (u, v), in pixels.</summary>
internal readonly record struct Box(float U0, float V0, float U1, float V1)
{
    public float Width => U1 - U0;

    public float Height => V1 - V0;

    public bool Contains(float u, float v) => u >= U0 && u < U1 && v >= V0 && v < V1;

    public Box Inset(float by) => new(U0 + by, V0 + by, U1 - by, V1 - by);

    public bool Overlaps(Box other, float gap) => U0 - gap < other.U1 && other.U0 - gap < U1 && V0 - gap < other.V1 && other.V0 - gap < V1;
}

/// <summary>A parcel; where <see cref="Built"/> is one date alone, the other date sees a field.</summary>
internal sealed record Parcel(Box Box, Land Land, Presence Built, uint Key)
{
    public Land At(Presence date) => (Built & date) != 0 ? Land : Land.Field;
}

/// <summary>A straight strip of asphalt or gravel.</summary>
internal sealed record Road(Box Box, bool AlongU, Rgb Surface, Presence Presence, uint Key);

internal sealed record Building(Box Box, Roof Roof, Rgb Color, float Height, Presence Presence, uint Key);

internal sealed record Tree(float U, float V, float Radius, Presence Presence, bool Evergreen, uint Key);

/// <summary>A patch of land at two dates: what stands where, and when. Its axes are turned against the image's.</summary>
internal sealed record Scene(
    SceneAxes Axes, IReadOnlyList<Parcel> Parcels, IReadOnlyList<Road> Roads, IReadOnlyList<Building> Buildings, IReadOnlyList<Tree> Trees);

/// <summary>The scene's axes: turned about the image's centre, and, for everything drawn on the ground, gently bent.</summary>
internal sealed record SceneAxes(float Center, float Cos, float Sin, uint BendKey)
{
    public const float Bend = 2.5f;
    private const float BendWavelength = 90;

    public (float U, float V) Straight(float x, float y)
    {
        var (dx, dy) = (x - Center, y - Center);
        return (dx * Cos + dy * Sin, dy * Cos - dx * Sin);
    }

    public (float U, float V) Bent(float u, float v) =>
        (u + Bend * ValueNoise.At(BendKey, u, v, BendWavelength), v + Bend * ValueNoise.At(BendKey ^ 1, u, v, BendWavelength));

    public (float X, float Y) ToImage(float u, float v) => (Center + u * Cos - v * Sin, Center + u * Sin + v * Cos);

    /// <summary>A direction of the image in the scene's axes.</summary>
    public (float U, float V) Turn((float X, float Y) direction) =>
        (direction.X * Cos + direction.Y * Sin, direction.Y * Cos - direction.X * Sin);
}
