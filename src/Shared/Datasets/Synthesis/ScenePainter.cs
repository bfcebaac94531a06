namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Paints the scene of one date: ground, the shadows on it, then roofs and crowns.</summary>
internal static class ScenePainter
{
    private static readonly Rgb s_shade = new(0.42f, 0.45f, 0.53f);

    public static SceneCanvas Paint(Scene scene, DateConditions date, long seed, long index, int size)
    {
        var canvas = new SceneCanvas(scene.Axes, size, date.ShiftX, date.ShiftY);
        var sun = scene.Axes.Turn(date.Sun);
        var ground = new GroundPainter(scene, date, seed, index);
        for (var y = 0; y < canvas.Side; y++)
        {
            for (var x = 0; x < canvas.Side; x++)
            {
                var (u, v) = canvas.At(x, y);
                var (bentU, bentV) = scene.Axes.Bent(u, v);
                canvas.Colors[y * canvas.Side + x] = ground.At(bentU, bentV);
            }
        }
        var buildings = scene.Buildings.Where(building => (building.Presence & date.Date) != 0).ToList();
        var trees = scene.Trees.Where(tree => (tree.Presence & date.Date) != 0).ToList();
        Shadows(canvas, date, sun, buildings, trees);
        foreach (var building in buildings)
            RoofPainter.Paint(canvas, building, sun);
        foreach (var tree in trees)
            TreePainter.Paint(canvas, tree, date, sun);
        return canvas;
    }

    /// <summary>Overlapping shadows are no darker than one.</summary>
    private static void Shadows(SceneCanvas canvas, DateConditions date, (float U, float V) sun, List<Building> buildings, List<Tree> trees)
    {
        var shaded = new bool[canvas.Colors.Length];
        foreach (var building in buildings)
        {
            var (du, dv) = (sun.U * building.Height * date.ShadowLength, sun.V * building.Height * date.ShadowLength);
            var box = building.Box;
            var reach = new Box(box.U0 + Math.Min(0, du), box.V0 + Math.Min(0, dv), box.U1 + Math.Max(0, du), box.V1 + Math.Max(0, dv));
            canvas.Visit(reach, (at, u, v) => shaded[at] |= Crosses(box, u, v, -du, -dv));
        }
        foreach (var tree in trees)
        {
            var length = tree.Radius * 0.9f * date.ShadowLength;
            var (cu, cv) = (tree.U + sun.U * length, tree.V + sun.V * length);
            canvas.Visit(new Box(cu - tree.Radius, cv - tree.Radius, cu + tree.Radius, cv + tree.Radius),
                (at, u, v) => shaded[at] |= (u - cu) * (u - cu) + (v - cv) * (v - cv) < tree.Radius * tree.Radius);
        }
        for (var i = 0; i < shaded.Length; i++)
            if (shaded[i])
                canvas.Colors[i] *= s_shade;
    }

    /// <summary>True where the way from a point along (du, dv) meets the box: towards the sun stands the building.</summary>
    private static bool Crosses(Box box, float u, float v, float du, float dv)
    {
        var (near, far) = (0f, 1f);
        return Slab(u, du, box.U0, box.U1, ref near, ref far) && Slab(v, dv, box.V0, box.V1, ref near, ref far);
    }

    private static bool Slab(float from, float along, float low, float high, ref float near, ref float far)
    {
        if (MathF.Abs(along) < 1e-6f)
            return from >= low && from <= high;
        var (t0, t1) = ((low - from) / along, (high - from) / along);
        near = Math.Max(near, Math.Min(t0, t1));
        far = Math.Min(far, Math.Max(t0, t1));
        return near <= far;
    }
}
