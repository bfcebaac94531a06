using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Tests.Scoring;

public sealed class ConfusionTests
{
    [Fact]
    public void Figures_OfAKnownTable_AreThoseOfTheTextbooks()
    {
        var counts = new ConfusionCounts(TruePositive: 20, FalsePositive: 5, FalseNegative: 10, TrueNegative: 15);

        Assert.Equal(0.8, counts.Precision, 1e-12);
        Assert.Equal(2.0 / 3, counts.Recall, 1e-12);
        Assert.Equal(40.0 / 55, counts.F1, 1e-12);
        Assert.Equal(20.0 / 35, counts.IoU, 1e-12);
        Assert.Equal(0.7, counts.Accuracy, 1e-12);
        Assert.Equal(0.4, counts.Kappa, 1e-12);
    }

    /// <summary>Documented values: empty mask, full mask, nothing predicted, nothing at all.</summary>
    [Theory]
    [InlineData(0, 0, 0, 100, "accuracy", 1.0)]
    [InlineData(100, 0, 0, 0, "precision recall f1 iou accuracy", 1.0)]
    [InlineData(0, 0, 30, 70, "recall f1 iou kappa", 0.0)]
    [InlineData(0, 30, 0, 70, "precision f1 iou kappa", 0.0)]
    [InlineData(0, 0, 0, 0, "", 0.0)]
    public void Figures_OfDegenerateMasks_AreDefinedAsDocumented(long tp, long fp, long fn, long tn, string defined, double value)
    {
        var counts = new ConfusionCounts(tp, fp, fn, tn);

        foreach (var (measure, figure) in counts.Figures())
        {
            var isDefined = defined.Split(' ').Contains(measure) || measure == "accuracy" && counts.Total > 0;
            Assert.Equal(isDefined, counts.IsDefined(measure));
            if (measure != "accuracy")
                Assert.Equal(isDefined ? value : 0, figure);
        }
    }

    [Fact]
    public void Kappa_OfCountsBeyondADoublesDigits_StaysExact()
    {
        // A billion times the table of the textbook: its products have 40 digits.
        const long Many = 1_000_000_000;
        Assert.Equal(0.4, new ConfusionCounts(20 * Many, 5 * Many, 10 * Many, 15 * Many).Kappa, 1e-15);
        Assert.Equal(-1.0 / (50 * Many - 1), new ConfusionCounts(0, 1, 1, 50 * Many - 2).Kappa, 1e-20);
    }

    [Fact]
    public void Change_OfTwoClasses_IsClassOne_AndOfMoreAnyButNone()
    {
        var two = new ConfusionMatrix(2, [50, 5, 10, 35]);
        Assert.Equal(two.OfClass(1), two.Change);
        Assert.Equal(new ConfusionCounts(35, 5, 10, 50), two.Change);

        // Taking one kind of change for another is change found.
        var three = new ConfusionMatrix(3, [10, 1, 2, 3, 20, 4, 5, 6, 30]);
        Assert.Equal(new ConfusionCounts(60, 3, 8, 10), three.Change);
        Assert.Equal(60 / 81.0, three.Accuracy, 1e-12);
    }

    [Fact]
    public void Means_OverClasses_LeaveOutClassesThatAreNowhere()
    {
        var matrix = new ConfusionMatrix(3, [8, 2, 0, 0, 10, 0, 0, 0, 0]);

        Assert.Equal((16 / 18.0 + 20 / 22.0) / 2, matrix.MeanF1, 1e-12);
        Assert.Equal((8 / 10.0 + 10 / 12.0) / 2, matrix.MeanIoU, 1e-12);
        Assert.Equal(0, new ConfusionMatrix(2).MeanF1);
    }

    [Fact]
    public void Sum_OfParts_IsTheWhole()
    {
        var (one, other) = (Pixels.Draw(1, 500, 3, 0.3, 0.7), Pixels.Draw(2, 300, 3, 0.6, 0.5));
        var whole = new Pixels(3, [.. one.Truth, .. other.Truth], [.. one.Predicted, .. other.Predicted], [.. one.Bins, .. other.Bins]);

        var sum = one.Matrix + other.Matrix;

        Assert.Equal(whole.Matrix.Change, sum.Change);
        Assert.Equal(whole.Matrix.MeanIoU, sum.MeanIoU, 1e-15);
        Assert.Throws<ArgumentException>(() => one.Matrix + new ConfusionMatrix(2));
    }

    [Fact]
    public void ImageMeans_LeaveImagesOutForWhichAFigureIsNotDefined()
    {
        var images = new ImageScores();
        images.Add(new ConfusionCounts(0, 0, 0, 100));
        images.Add(new ConfusionCounts(10, 0, 0, 90));
        images.Add(new ConfusionCounts(0, 5, 0, 95));

        Assert.Equal(new ImageMean(0.5, Math.Sqrt(0.5), 2), images.Mean("f1"));
        Assert.Equal(new ImageMean(1, null, 1), images.Mean("recall"));
        Assert.Equal(3, images.Mean("accuracy").Defined);
        Assert.Equal(new ImageMean(0, null, 0), new ImageScores().Mean("f1"));
    }
}
