namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Roofs: two slopes lit differently on either side of a ridge, or flat behind a parapet.</summary>
internal static class RoofPainter
{
    public static void Paint(SceneCanvas canvas, Building building, (float U, float V) sun)
    {
        var box = building.Box;
        var ridgeAlongU = box.Width >= box.Height;
        // Shadows fall along the sun's vector, so light comes from the other side.
        var light = -(ridgeAlongU ? sun.V : sun.U);
        canvas.Visit(box, (at, u, v) =>
        {
            if (!box.Contains(u, v))
                return;
            canvas.Colors[at] = building.Roof == Roof.Flat
                ? Flat(building, u - box.U0, v - box.V0)
                : Sloped(building, ridgeAlongU ? v - box.V0 : u - box.U0, ridgeAlongU ? box.Height : box.Width, u, v, light);
        });
    }

    private static Rgb Sloped(Building building, float across, float width, float u, float v, float light)
    {
        var side = across < width / 2 ? -1 : 1;
        var fromRidge = MathF.Abs(across - width / 2);
        var course = across / (building.Roof == Roof.Metal ? 2.4f : 1.5f);
        var line = course - MathF.Floor(course) < 0.3f ? -0.035f : 0.012f;
        var grain = 0.03f * ValueNoise.At(building.Key, u, v, 1.4f) + 0.02f * ValueNoise.At(building.Key ^ 1, u, v, 5);
        var slope = 1 + 0.24f * side * light;
        var color = building.Color * slope + (line + grain);
        return fromRidge < 0.5f ? color + 0.10f : color;
    }

    private static Rgb Flat(Building building, float u, float v)
    {
        var (width, height) = (building.Box.Width, building.Box.Height);
        var edge = Math.Min(Math.Min(u, width - u), Math.Min(v, height - v));
        if (edge < 0.9f)
            return building.Color * 1.12f;
        if (edge < 1.6f)
            return building.Color * 0.78f;
        // A plant room and a row of skylights, somewhere inside.
        var plantU = 2.5f + (building.Key & 0xFF) / 255f * (width - 9);
        var plantV = 2.5f + (building.Key >> 8 & 0xFF) / 255f * (height - 8);
        if (u > plantU && u < plantU + 3.6f && v > plantV && v < plantV + 2.8f)
            return building.Color * (u > plantU + 2.8f || v > plantV + 2.1f ? 0.6f : 0.86f);
        var skylight = u / 6;
        if ((building.Key & 0x1_0000) != 0 && MathF.Abs(v - height * 0.72f) < 0.8f && skylight - MathF.Floor(skylight) < 0.4f)
            return building.Color.Towards(new Rgb(0.55f, 0.65f, 0.75f), 0.6f);
        return building.Color + (0.025f * ValueNoise.At(building.Key, u, v, 1.5f) + 0.03f * ValueNoise.At(building.Key ^ 1, u, v, 7));
    }
}
