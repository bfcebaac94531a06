namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// From probabilities to a class for each pixel. A pixel has changed where the probability of any change is above the threshold; of several kinds of
/// change it is then the likeliest.
/// </summary>
internal static class ClassDecision
{
    /// <summary>Adds up the kinds of change.</summary>
    /// <param name="probability">Of each kind, [kinds, pixels]; afterwards the first plane has the probability of any change, [pixels].</param>
    /// <param name="kinds">Gets the likeliest kind of each pixel, from 1 on.</param>
    public static void Unite(Span<float> probability, Span<byte> kinds)
    {
        var any = probability[..kinds.Length];
        kinds.Fill(1);
        if (probability.Length == kinds.Length)
            return;
        for (var i = 0; i < kinds.Length; i++)
        {
            var (sum, most) = (any[i], any[i]);
            for (var (at, kind) = (i + kinds.Length, 2); at < probability.Length; at += kinds.Length, kind++)
            {
                sum += probability[at];
                if (probability[at] > most)
                    (most, kinds[i]) = (probability[at], (byte)kind);
            }
            any[i] = sum;
        }
    }

    /// <summary>Leaves the kind where there is change; else 0, or <see cref="StripFile.NoData"/> where nothing is known.</summary>
    /// <param name="probability">Of any change, [pixels]; NaN where nothing is known.</param>
    public static void Decide(ReadOnlySpan<float> probability, double threshold, Span<byte> kinds)
    {
        for (var i = 0; i < kinds.Length; i++)
        {
            if (float.IsNaN(probability[i]))
                kinds[i] = StripFile.NoData;
            else if (!(probability[i] > threshold))
                kinds[i] = 0;
        }
    }
}
