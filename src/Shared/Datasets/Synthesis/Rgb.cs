namespace ChangeDetection.Datasets.Synthesis;

/// <summary>A colour, each channel 0..1 as displayed. Not System.Numerics.Vector3: its operations may be fused, and a scene is the same everywhere.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    public static Rgb Grey(float value) => new(value, value, value);

    public static Rgb operator *(Rgb a, float s) => new(a.R * s, a.G * s, a.B * s);

    public static Rgb operator *(Rgb a, Rgb b) => new(a.R * b.R, a.G * b.G, a.B * b.B);

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb operator +(Rgb a, float b) => new(a.R + b, a.G + b, a.B + b);

    /// <summary>This colour at 0, the other at 1.</summary>
    public Rgb Towards(Rgb other, float t) => new(R + (other.R - R) * t, G + (other.G - G) * t, B + (other.B - B) * t);
}
