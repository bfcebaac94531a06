using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Tests.Scoring;

/// <summary>Pixels of a made-up split: their classes, the predicted ones, and in which bin the probability of change lies.</summary>
internal sealed record Pixels(int Classes, int[] Truth, int[] Predicted, int[] Bins)
{
    public ConfusionMatrix Matrix
    {
        get
        {
            var counts = new long[Classes * Classes];
            for (var i = 0; i < Truth.Length; i++)
                counts[Truth[i] * Classes + Predicted[i]]++;
            return new ConfusionMatrix(Classes, counts);
        }
    }

    public ProbabilityHistogram Histogram
    {
        get
        {
            var (unchanged, changed) = (new long[ProbabilityHistogram.Bins], new long[ProbabilityHistogram.Bins]);
            for (var i = 0; i < Truth.Length; i++)
                (Truth[i] > 0 ? changed : unchanged)[Bins[i]]++;
            var histogram = new ProbabilityHistogram();
            histogram.Add(unchanged, changed);
            return histogram;
        }
    }

    /// <param name="change">Share of changed pixels.</param>
    /// <param name="right">How often the class is met; probabilities lean the same way.</param>
    public static Pixels Draw(int seed, int count, int classes, double change, double right)
    {
        var random = new Random(seed);
        var (truth, predicted, bins) = (new int[count], new int[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            truth[i] = random.NextDouble() < change ? random.Next(1, classes) : 0;
            predicted[i] = random.NextDouble() < right ? truth[i] : random.Next(classes);
            var probability = Math.Clamp((truth[i] > 0 ? 0.7 : 0.3) + 0.6 * (random.NextDouble() - 0.5), 0, 1);
            bins[i] = ProbabilityHistogram.BinOf((float)probability);
        }
        return new Pixels(classes, truth, predicted, bins);
    }

    /// <summary>The same pixels with one prediction everywhere.</summary>
    public Pixels AllPredicted(int one) => this with { Predicted = [.. Predicted.Select(_ => one)] };
}
