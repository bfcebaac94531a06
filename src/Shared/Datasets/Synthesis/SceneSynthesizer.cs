using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Synthesis;

/// <summary>A generated pair and what changed between its dates.</summary>
/// <param name="Before">RGB, 8 bits.</param>
/// <param name="After">RGB, 8 bits, of the same size.</param>
/// <param name="Mask">One channel: 255 where a building or a road stands at one of the dates only, else 0.</param>
public sealed record SyntheticPair(PixelImage Before, PixelImage After, PixelImage Mask);

/// <summary>
/// Generates pairs of aerial photographs with known change, for trying the system out and for tests: buildings and roads appear and vanish,
/// and between the dates everything else differs too (season, crops, sun, haze, exposure, registration, cars, single trees), which is no change.
/// A pure function of (seed, index, size): the same bytes on every machine.
/// </summary>
public static class SceneSynthesizer
{
    /// <summary>Below it a house does not fit in.</summary>
    public const int LeastSize = 32;

    public const int LargestSize = 1024;

    /// <param name="seed">Names a data set.</param>
    /// <param name="index">Names a pair in it.</param>
    /// <param name="size">Side of the images in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not between <see cref="LeastSize"/> and <see cref="LargestSize"/>.</exception>
    public static SyntheticPair Generate(long seed, long index, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, LeastSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
        var scene = SceneLayout.Create(seed, index, size);
        return new SyntheticPair(Photograph(Presence.Before), Photograph(Presence.After), Mask(scene, size));

        PixelImage Photograph(Presence date)
        {
            var conditions = DateConditions.Draw(seed, index, date);
            return SceneCamera.Expose(ScenePainter.Paint(scene, conditions, seed, index, size), conditions, seed, index);
        }
    }

    /// <summary>A pixel is changed where at least half of it is.</summary>
    private static PixelImage Mask(Scene scene, int size)
    {
        var canvas = new SceneCanvas(scene.Axes, size, 0, 0);
        var changed = new bool[canvas.Colors.Length];
        foreach (var building in scene.Buildings.Where(building => building.Presence != Presence.Both))
            canvas.Visit(building.Box, (at, u, v) => changed[at] |= building.Box.Contains(u, v));
        foreach (var road in scene.Roads.Where(road => road.Presence != Presence.Both))
        {
            canvas.Visit(road.Box.Inset(-2 * SceneAxes.Bend), (at, u, v) =>
            {
                var (bentU, bentV) = scene.Axes.Bent(u, v);
                changed[at] |= road.Box.Contains(bentU, bentV);
            });
        }
        var mask = new byte[size * size];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var at = (y * canvas.Side + x) * SceneCanvas.Fine;
                var count = (changed[at] ? 1 : 0) + (changed[at + 1] ? 1 : 0) + (changed[at + canvas.Side] ? 1 : 0) + (changed[at + canvas.Side + 1] ? 1 : 0);
                mask[y * size + x] = count >= 2 ? (byte)255 : (byte)0;
            }
        }
        return new PixelImage(new ImageShape(size, size, 1, PixelType.UInt8), mask);
    }
}
