namespace ChangeDetection.Imaging.Pixels;

/// <summary>
/// Enlarges a plane by a whole factor, by cubic convolution (R. G. Keys: Cubic convolution interpolation for digital image processing, IEEE TASSP 29, 1981,
/// a = −1/2). A pixel is an area: its centre becomes the centre of its square of new pixels, so that edges stay where they are. Beyond the edge the
/// border repeats.
/// </summary>
public static class CubicUpsampling
{
    private const int Taps = 4;

    /// <summary>The plane of [height · factor, width · factor]; the given one for a factor of 1.</summary>
    public static float[] Enlarge(float[] plane, int width, int height, int factor)
    {
        if (factor == 1)
            return plane;
        var weights = Enumerable.Range(0, factor).Select(phase => Weights((phase + 0.5) / factor - 0.5)).ToArray();
        var wide = new float[height * width * factor];
        for (var y = 0; y < height; y++)
            Line(plane, y * width, 1, width, weights, wide, y * width * factor, 1);
        var target = new float[wide.Length * factor];
        for (var x = 0; x < width * factor; x++)
            Line(wide, x, width * factor, height, weights, target, x, width * factor);
        return target;
    }

    /// <summary>One line of pixels that lie so many values apart.</summary>
    private static void Line(
        float[] source, int start, int step, int length, (int First, double[] Weights)[] phases, float[] target, int targetStart, int targetStep)
    {
        for (var at = 0; at < length; at++)
        {
            for (var phase = 0; phase < phases.Length; phase++)
            {
                var (first, weights) = phases[phase];
                var sum = 0.0;
                for (var tap = 0; tap < Taps; tap++)
                    sum += weights[tap] * source[start + Math.Clamp(at + first + tap, 0, length - 1) * step];
                target[targetStart + (at * phases.Length + phase) * targetStep] = (float)sum;
            }
        }
    }

    /// <summary>The first pixel that a place between pixels takes from, counted from the one it is in, and the weights of the four.</summary>
    private static (int First, double[] Weights) Weights(double place)
    {
        var floor = (int)Math.Floor(place);
        return (floor - 1, [.. Enumerable.Range(-1, Taps).Select(tap => Kernel(Math.Abs(place - floor - tap)))]);
    }

    private static double Kernel(double distance) => distance < 1
        ? (1.5 * distance - 2.5) * distance * distance + 1
        : ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
}
