using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Scoring;

namespace ChangeDetection.Worker.Tests.Evaluation;

public sealed class ReportPageTests
{
    private const string Hostile = "<script>alert(1)</script>\"'&";

    [Fact]
    public void Page_OfHostileNames_ShowsThemAsText_AndNeedsNothingElse()
    {
        var page = Encoding.UTF8.GetString(ReportPage.Of(Report(Hostile, classes: 3), new Dictionary<string, byte[]> { [Hostile] = Picture(2000) }));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex("(src|href)=\"(?!data:)", RegexOptions.IgnoreCase), page);
        Assert.DoesNotMatch(new Regex(@"\son\w+=|@import|url\(", RegexOptions.IgnoreCase), page);
        Assert.Contains("light-dark(", page, StringComparison.Ordinal);
        Assert.Contains("class 2", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_WithAWarning_SaysItBeforeTheScores_AndTheJsonHasIt()
    {
        var plain = Report("name", classes: 2);
        var doubtful = plain with { Warnings = ["values of <b> lie far off"] };

        var page = Encoding.UTF8.GetString(ReportPage.Of(doubtful, new Dictionary<string, byte[]> { ["name"] = Picture(10) }));

        Assert.InRange(page.IndexOf("values of &lt;b&gt; lie far off", StringComparison.Ordinal), 1, page.IndexOf("<table>", StringComparison.Ordinal));
        Assert.Contains("\"warnings\"", Encoding.UTF8.GetString(doubtful.ToJson()), StringComparison.Ordinal);
        Assert.DoesNotContain("\"warnings\"", Encoding.UTF8.GetString(plain.ToJson()), StringComparison.Ordinal);
    }

    [Fact]
    public void PageAndJson_SayWhatTheFiguresAreOf()
    {
        var report = Report("1.2.3+commit", classes: 2);
        report = report with { Weights = report.Weights with { DatasetSha256 = "another" } };

        var page = Encoding.UTF8.GetString(ReportPage.Of(report, new Dictionary<string, byte[]> { ["1.2.3+commit"] = Picture(10) }));

        Assert.Contains("dataset: mean 101.25 99; deviation 20.5 21", page, StringComparison.Ordinal);
        Assert.Contains("<code>changedetection 1.2.3&#x2B;commit</code>", page, StringComparison.Ordinal);
        Assert.Contains(ExperimentDigest.Of(report.Config), page, StringComparison.Ordinal);
        Assert.Contains("&quot;batch_size&quot;: 16", page, StringComparison.Ordinal);
        Assert.Contains("another data set, SHA-256 <code>another</code>", page, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal("dataset", json.RootElement.GetProperty("normalization").GetProperty("kind").GetString());
        Assert.Equal(16, json.RootElement.GetProperty("config").GetProperty("train").GetProperty("batch_size").GetInt32());
        Assert.Equal("changedetection 1.2.3+commit", json.RootElement.GetProperty("code").GetString());
        Assert.Equal("another", json.RootElement.GetProperty("weights").GetProperty("dataset_sha256").GetString());
    }

    /// <summary>Everything that is not an element without an end is closed: XML's rules find what a browser would silently mend.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Page_IsWellFormed_WithFiguresInTheInvariantCulture(int classes)
    {
        var page = Encoding.UTF8.GetString(ReportPage.Of(Report("name", classes), new Dictionary<string, byte[]> { ["name"] = Picture(10) }));

        var closed = Regex.Replace(page.Replace("<!doctype html>", "", StringComparison.Ordinal), "<(meta|img)([^>]*?)>", "<$1$2/>");
        var document = XDocument.Parse(closed);
        Assert.Equal(2, document.Descendants("svg").Count());
        Assert.All(
            document.Descendants("svg").Descendants().Attributes()
            .Where(attribute => attribute.Name.LocalName is "x" or "y" or "cx" or "cy" or "points"),
            attribute => Assert.DoesNotContain("NaN", attribute.Value, StringComparison.Ordinal));
        Assert.Contains("0.5000", page, StringComparison.Ordinal);
        Assert.Equal(2, document.Descendants("figure").Count());
    }

    [Fact]
    public void Report_SaysWhatTheMasksMean_WhereThatIsRecorded()
    {
        var report = Report("name", classes: 2);
        var mask = new MaskManifest { RuleFrom = "option", Unit = "number", Change = "> 127", Ignore = "7", Values = [new("0", 1000), new("255", 20)] };
        var told = report with { Split = report.Split with { Mask = mask } };
        var pictures = new Dictionary<string, byte[]> { ["name"] = Picture(10) };

        Assert.Contains(
            "numbers: &gt; 127 is change, 7 is unlabelled, all else is no change (by the options given); values found: 0 (1,000), 255 (20)",
            Encoding.UTF8.GetString(ReportPage.Of(told, pictures)), StringComparison.Ordinal);
        Assert.Contains("\"rule_from\": \"option\"", Encoding.UTF8.GetString(told.ToJson()), StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("split").TryGetProperty("mask", out _));
    }

    [Fact]
    public void Report_SaysHowManyPixelsAreUnlabelled_WhereSomeAre()
    {
        var report = Report("name", classes: 2);
        var some = report with { Split = report.Split with { IgnoredPixels = 12_345 } };
        var pictures = new Dictionary<string, byte[]> { ["name"] = Picture(10) };

        Assert.Contains("12345 more pixels are unlabelled or missing", Encoding.UTF8.GetString(ReportPage.Of(some, pictures)), StringComparison.Ordinal);
        Assert.Contains("\"ignored_pixels\": 12345", Encoding.UTF8.GetString(some.ToJson()), StringComparison.Ordinal);
        Assert.DoesNotContain("unlabelled", Encoding.UTF8.GetString(ReportPage.Of(report, pictures)), StringComparison.Ordinal);
        Assert.DoesNotContain("ignored_pixels", Encoding.UTF8.GetString(report.ToJson()), StringComparison.Ordinal);
    }

    private static byte[] Picture(int width)
    {
        var shape = new ImageShape(width, 4, 3, PixelType.UInt8);
        return PngEncoder.Encode(new PixelImage(shape, new byte[shape.Bytes]));
    }

    private static EvaluationReport Report(string name, int classes)
    {
        var counts = new ConfusionCounts(1, 1, 1, 1);
        var histogram = new ProbabilityHistogram();
        var half = new long[ProbabilityHistogram.Bins];
        half[2048] = 2;
        histogram.Add(half, half);
        var figures = counts.Figures().ToDictionary();
        return new EvaluationReport
        {
            Name = name,
            Run = Guid.Empty,
            Weights = new EvaluatedWeights(new CheckpointModel(name, 3), Guid.Empty, 1, 2, name),
            Split = new EvaluatedSplit(name, name, name, name, 1, 4, 0.5),
            Normalization = new CheckpointNormalization("dataset", [101.25, 99], [20.5, 21]),
            Config = new ExperimentConfig { Name = "config", Dataset = new() { Uri = new Uri("file:///data/mine") } },
            Code = $"changedetection {name}",
            Seed = 7,
            Loss = 0.1,
            Scores = figures,
            Intervals = figures.Keys.ToDictionary(key => key, _ => new ConfidenceInterval(0.4, 0.6)),
            Confusion = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])],
            Classes = [.. Enumerable.Range(0, classes).Select(one => new ClassScores(one, 2, figures))],
            ClassMeans = new ClassMeans(0.5, 0.4, 0.3, 0.2),
            ImageMeans = figures.Keys.ToDictionary(key => key, _ => new ImageMean(0.5, null, 1)),
            AveragePrecision = 0.5,
            AveragePrecisionBounds = new ConfidenceInterval(0.4, 0.6),
            Curve = new PrecisionRecallCurve(histogram).Points(10),
            Threshold = new ChosenThreshold(name, 0.5, 0.5, figures),
            Calibration = Calibration.Of(histogram),
            Worst = [new SampleScores(name, name, figures)],
            Best = [new SampleScores(name, name, figures)],
        };
    }
}
