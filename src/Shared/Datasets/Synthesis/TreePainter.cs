namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Crowns from above: lumpy, lit on one side; bare in winter unless evergreen.</summary>
internal static class TreePainter
{
    private static readonly Rgb[] s_leaves = [new(0.32f, 0.43f, 0.20f), new(0.21f, 0.33f, 0.15f), new(0.50f, 0.36f, 0.18f), new(0.37f, 0.33f, 0.28f)];
    private static readonly Rgb s_needles = new(0.17f, 0.26f, 0.16f);

    public static void Paint(SceneCanvas canvas, Tree tree, DateConditions date, (float U, float V) sun)
    {
        var color = tree.Evergreen ? s_needles : s_leaves[(int)date.Season] * (0.85f + (tree.Key & 0xFF) / 255f * 0.35f);
        var bare = date.Season == Season.Winter && !tree.Evergreen;
        var r = tree.Radius * 1.25f;
        canvas.Visit(new Box(tree.U - r, tree.V - r, tree.U + r, tree.V + r), (at, u, v) =>
        {
            var (du, dv) = ((u - tree.U) / tree.Radius, (v - tree.V) / tree.Radius);
            var lumps = ValueNoise.At(tree.Key, u, v, 1.8f);
            if (du * du + dv * dv > 1 + 0.45f * lumps)
                return;
            // A dome: the side towards the light is brighter, the far rim lies in its own shade.
            var lit = 1 - 0.38f * (du * sun.U + dv * sun.V) + 0.22f * lumps;
            canvas.Colors[at] = bare ? canvas.Colors[at].Towards(color * lit, 0.5f + 0.35f * lumps) : color * lit;
        });
    }
}
