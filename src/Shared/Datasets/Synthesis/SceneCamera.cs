using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Synthesis;

/// <summary>Turns a painted canvas into what a camera delivers at one date: air, exposure, optics and noise, then 8 bits.</summary>
internal static class SceneCamera
{
    private static readonly Rgb s_air = new(0.74f, 0.78f, 0.84f);

    public static PixelImage Expose(SceneCanvas canvas, DateConditions date, long seed, long index)
    {
        var size = canvas.Side / SceneCanvas.Fine;
        var light = Blur(Reduce(canvas, date, size), size, date.Blur);
        var noise = new SceneRandom(seed, index, date.Date == Presence.Before ? SceneStream.BeforeNoise : SceneStream.AfterNoise);
        var pixels = new byte[size * size * 3];
        for (var i = 0; i < light.Length; i++)
        {
            // Grain is mostly common to the channels, as demosaicing leaves it.
            var common = Bell(ref noise) * date.Noise;
            pixels[3 * i] = Quantize(light[i].R + common + 0.5f * date.Noise * Bell(ref noise));
            pixels[3 * i + 1] = Quantize(light[i].G + common + 0.5f * date.Noise * Bell(ref noise));
            pixels[3 * i + 2] = Quantize(light[i].B + common + 0.5f * date.Noise * Bell(ref noise));
        }
        return new PixelImage(new ImageShape(size, size, 3, PixelType.UInt8), pixels);
    }

    private static Rgb[] Reduce(SceneCanvas canvas, DateConditions date, int size)
    {
        var light = new Rgb[size * size];
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var sum = default(Rgb);
                for (var dy = 0; dy < SceneCanvas.Fine; dy++)
                    for (var dx = 0; dx < SceneCanvas.Fine; dx++)
                        sum += canvas.Colors[(y * SceneCanvas.Fine + dy) * canvas.Side + x * SceneCanvas.Fine + dx];
                light[y * size + x] = Air(sum * (1f / (SceneCanvas.Fine * SceneCanvas.Fine)), date, x, y);
            }
        }
        return light;
    }

    private static Rgb Air(Rgb color, DateConditions date, int x, int y)
    {
        var cloud = Math.Clamp(2.2f * ValueNoise.At(date.Key ^ 9, x, y, 75), 0, 1) * date.Cloud;
        var lit = color * date.Gain * (1 - cloud);
        var contrasted = lit * date.Contrast + 0.45f * (1 - date.Contrast);
        return contrasted.Towards(s_air, date.Haze);
    }

    private static Rgb[] Blur(Rgb[] light, int size, float weight)
    {
        var rows = Pass(light, size, weight, 1, size);
        return Pass(rows, size, weight, size, 1);
    }

    private static Rgb[] Pass(Rgb[] light, int size, float weight, int step, int line)
    {
        var blurred = new Rgb[light.Length];
        for (var l = 0; l < size; l++)
        {
            for (var i = 0; i < size; i++)
            {
                var at = l * line + i * step;
                var (previous, next) = (light[i > 0 ? at - step : at], light[i < size - 1 ? at + step : at]);
                blurred[at] = light[at] * (1 - 2 * weight) + (previous + next) * weight;
            }
        }
        return blurred;
    }

    /// <summary>Three uniform draws summed: near enough to Gaussian, and exact arithmetic.</summary>
    private static float Bell(ref SceneRandom random) => (random.Next() + random.Next() + random.Next() - 1.5f) * 2;

    private static byte Quantize(float value) => (byte)(Math.Clamp(value, 0, 1) * 255 + 0.5f);
}
