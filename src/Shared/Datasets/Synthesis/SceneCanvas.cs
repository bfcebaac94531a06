namespace ChangeDetection.Datasets.Synthesis;

/// <summary>A square of colours at twice the image's resolution, and where its points lie in the scene.</summary>
internal sealed class SceneCanvas(SceneAxes axes, int size, float shiftX, float shiftY)
{
    /// <summary>Points per pixel and axis: edges come out as a camera sees them, not as stairs.</summary>
    public const int Fine = 2;

    public int Side { get; } = size * Fine;

    public Rgb[] Colors { get; } = new Rgb[size * Fine * size * Fine];

    public (float U, float V) At(int x, int y) => axes.Straight((x + 0.5f) / Fine + shiftX, (y + 0.5f) / Fine + shiftY);

    /// <summary>Visits the points of which the given box of the scene may hold some.</summary>
    public void Visit(Box box, Action<int, float, float> point)
    {
        var (x0, y0, x1, y1) = (float.MaxValue, float.MaxValue, float.MinValue, float.MinValue);
        foreach (var (u, v) in new[] { (box.U0, box.V0), (box.U1, box.V0), (box.U0, box.V1), (box.U1, box.V1) })
        {
            var (x, y) = axes.ToImage(u, v);
            (x0, y0, x1, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(x1, x), Math.Max(y1, y));
        }
        var (left, right) = (Clamp((x0 - shiftX) * Fine - 1), Clamp((x1 - shiftX) * Fine + 2));
        var (top, bottom) = (Clamp((y0 - shiftY) * Fine - 1), Clamp((y1 - shiftY) * Fine + 2));
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var (u, v) = At(x, y);
                point(y * Side + x, u, v);
            }
        }
    }

    private int Clamp(float value) => (int)Math.Clamp(value, 0, Side);
}
