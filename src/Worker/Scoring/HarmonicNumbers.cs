namespace ChangeDetection.Worker.Scoring;

/// <summary>Harmonic numbers H(n) = 1 + 1/2 + … + 1/n.</summary>
internal static class HarmonicNumbers
{
    private const int Direct = 64;

    /// <summary>H(to) − H(from), for to ≥ from ≥ 0.</summary>
    public static double Difference(long from, long to)
    {
        if (to - from <= Direct)
        {
            var sum = 0.0;
            for (var n = to; n > from; n--)
                sum += 1.0 / n;
            return sum;
        }
        return from < Direct ? Difference(from, Direct) + Difference(Direct, to) : Math.Log(to / (double)from) + Tail(to) - Tail(from);
    }

    /// <summary>Euler and Maclaurin's series of H(n) − ln n − γ; from 64 on its rest is below 1e-15.</summary>
    private static double Tail(double n) => 1 / (2 * n) - 1 / (12 * n * n) + 1 / (120 * n * n * n * n);
}
