using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Tests.Training;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Evaluation;

[Collection(TorchCollection.Name)]
public sealed class ExtremeSamplesTests
{
    /// <summary>
    /// Masks change a square of 144 of 1024 pixels. Of each sample, how many of its rows are found, and how many unchanged rows are taken for change.
    /// </summary>
    private static readonly (int Found, int FalseAlarms)[] s_samples = [(12, 0), (0, 0), (6, 0), (0, 1), (12, 4), (0, 0), (11, 0)];

    [Fact]
    public void WorstAndBest_AreByF1_AndAmongEqualsByWrongPixels()
    {
        using var scope = NewDisposeScope();
        var extremes = new ExtremeSamples(most: 3);
        for (var position = 0; position < s_samples.Length; position++)
            Add(extremes, position, hasChange: true);

        // Of those without a hit, the one with a row of false alarms has more wrong pixels; of the other two the later one counts as worse.
        Assert.Equal(["worst-1-sample-3", "worst-2-sample-5", "worst-3-sample-1"], extremes.Worst.Select(picture => picture.Name));
        Assert.Equal(["best-1-sample-0", "best-2-sample-6", "best-3-sample-4"], extremes.Best.Select(picture => picture.Name));
        Assert.Equal(1, extremes.Best[0].Counts.F1);
    }

    [Fact]
    public void SamplesWithoutChangeAndWithoutAlarm_AreNeither_AndNoneAreWantedWhereNoneAreAskedFor()
    {
        using var scope = NewDisposeScope();
        var extremes = new ExtremeSamples(most: 3);
        Add(extremes, position: 1, hasChange: false);
        Assert.Empty(extremes.Worst);
        Add(extremes, position: 3, hasChange: false);
        Assert.Equal("worst-1-sample-3", Assert.Single(extremes.Worst).Name);

        var none = new ExtremeSamples(most: 0);
        Add(none, position: 0, hasChange: true);
        Assert.Empty(none.Best);
    }

    private static void Add(ExtremeSamples extremes, int position, bool hasChange)
    {
        using var batch = InventedBatches.Draw(0, position, 1);
        if (!hasChange)
            Array.Clear(batch.Mask);
        var predicted = zeros(1, InventedBatches.Side, InventedBatches.Side, dtype: int64);
        var (found, alarms) = s_samples[position];
        // The square is rows and columns 4 to 15.
        if (found > 0)
            predicted.narrow(1, 4, found).narrow(2, 4, 12).fill_(1);
        if (alarms > 0)
            predicted.narrow(1, 20, alarms).fill_(1);
        var truth = tensor(batch.Mask).to(int64).view(1, InventedBatches.Side, InventedBatches.Side);
        extremes.Add(batch, new ScoredBatch(zeros(1), predicted, truth, Confusion.PerImage(predicted, truth, classes: 2)));
    }
}
