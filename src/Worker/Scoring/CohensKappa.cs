namespace ChangeDetection.Worker.Scoring;

/// <summary>Cohen's kappa (Educational and Psychological Measurement 20, 1960) from whole numbers, so that nothing cancels before the one division.</summary>
internal static class CohensKappa
{
    /// <param name="total">N, all pixels.</param>
    /// <param name="agreed">Pixels on the matrix's diagonal.</param>
    /// <param name="chance">Σ over classes of (predicted so) × (truly so).</param>
    /// <returns>(N · agreed − chance) / (N² − chance); 0 where chance alone agrees on every pixel.</returns>
    public static double Of(long total, long agreed, Int128 chance)
    {
        var denominator = (Int128)total * total - chance;
        return denominator > 0 ? (double)((Int128)total * agreed - chance) / (double)denominator : 0;
    }
}
