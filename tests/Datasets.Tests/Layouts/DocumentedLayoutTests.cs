using System.Text.RegularExpressions;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>What docs/datasets.md tells of documents is so.</summary>
public sealed partial class DocumentedLayoutTests : IDisposable
{
    private readonly SourceFixture _source = new();

    private static string Page => File.ReadAllText(Path.Combine(Repository.Root, "docs/datasets.md"));

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task TheExample_PacksItsFolders()
    {
        var document = Example().Match(Page).Groups["yaml"].Value;
        foreach (var place in new[] { "riga", "jelgava" })
        {
            _source.Write($"{place}/2019/tile_001.tif", PatternImages.Rgb(seed: 1));
            _source.Write($"{place}/2023/tile_001.tif", PatternImages.Rgb(seed: 2));
            _source.Write($"{place}/change/tile_001.png", PatternImages.Grey(16, 16, 0, 1, 9, 0));
        }
        var report = await _source.PackAsync(Mine(document));
        Assert.Equal(["jelgava_tile_001", "riga_tile_001"], (await _source.MasksAsync("train")).Keys);
        Assert.Equal((128, 1 / 3.0), (report.Manifest.Splits["train"].IgnoredPixels, report.Manifest.Splits["train"].ChangeFraction));
        Directory.Delete(_source.Destination, recursive: true);
        report = await _source.PackAsync(Mine(document), splits: ["train=riga", "test=jelgava"]);
        Assert.Equal(["test", "train"], report.Manifest.Splits.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{x}-{y}.{image}", "a-b-c.png", "a/b-c")]
    [InlineData("14-*-{tile}.tif", "14-2005-0415-6890.tif", "0415-6890")]
    [InlineData("**/2012/{name}.{image}", "one/two/2012/x.JPG", "x")]
    [InlineData("**/2012/{name}.{image}", "2012/x.png", "x")]
    [InlineData("A/{name}.{image}", "a/north/7.png", "north/7")]
    [InlineData("{split}/A/{name}.{image}", "Train/A/7.v2.png", "train/7.v2")]
    public void ATemplate_StandsForWhatThePageSays(string template, string file, string pair)
    {
        _source.Write(file, PatternImages.Rgb(seed: 1));
        var layout = DatasetLayouts.Find(Mine($"before: \"{template}\"\nafter: \"other/{template.Replace("**/", "", StringComparison.Ordinal)}\"\ndepth: 2\n"));
        Assert.Equal(pair, Assert.Single(layout.List(_source.Source)).Path);
    }

    /// <summary>A pair all of whose files are misnamed is in no other's way; half of a folder that is left out is meant.</summary>
    [Fact]
    public async Task ImagesBesidePairsThatNoTemplateTakes_AreAWarning_UnlessTheyAreHalfOfTheFolder()
    {
        foreach (var name in new[] { "1", "2", "3" })
        {
            _source.Write($"a/tile_{name}.png", PatternImages.Rgb(seed: 1));
            _source.Write($"b/tile_{name}.png", PatternImages.Rgb(seed: 2));
            _source.Write($"m/tile_{name}.png", PatternImages.Grey(16, 16, 0, 255));
        }
        var layout = Mine("before: \"a/tile_{n}.{image}\"\nafter: \"b/tile_{n}.{image}\"\nmask: \"m/tile_{n}.{image}\"\nsplit: train\n");
        Assert.DoesNotContain((await _source.PackAsync(layout)).Warnings, warning => warning.Contains("no template", StringComparison.Ordinal));
        Directory.Delete(_source.Destination, recursive: true);
        foreach (var folder in new[] { "a", "b", "m" })
            File.Move(_source[$"{folder}/tile_3.png"], _source[$"{folder}/tle_3.png"]);
        Assert.Contains(
            "3 images lie beside those of pairs, and no template takes them: a/tle_3.png, b/tle_3.png, m/tle_3.png. Correct the names if they are of pairs too",
            (await _source.PackAsync(layout)).Warnings);
        Directory.Delete(_source.Destination, recursive: true);
        foreach (var folder in new[] { "a", "b", "m" })
            File.Move(_source[$"{folder}/tile_2.png"], _source[$"{folder}/tle_2.png"]);
        Assert.DoesNotContain((await _source.PackAsync(layout)).Warnings, warning => warning.Contains("no template", StringComparison.Ordinal));
    }

    [Fact]
    public void WordsThatOneTemplateHasAll_JoinTheOthers()
    {
        foreach (var path in new[] { "2017/a.png", "2018/a.png", "2019/a.png", "2017_2018/a.png" })
            _source.Write(path, PatternImages.Grey(4, 4, 0, 255));
        var pairs = DatasetLayouts.Find(Mine("before: \"{year1}/{name}.png\"\nafter: \"{year2}/{name}.png\"\nmask: \"{year1}_{year2}/{name}.png\"\n"))
            .List(_source.Source).Where(pair => pair.Problem is null).ToList();
        var one = Assert.Single(pairs);
        Assert.Equal(("2017/2018/a", "2017/a.png", "2018/a.png"), (one.Path, one.Before!.Path, one.After!.Path));
    }

    [Fact]
    public void EveryLayout_IsInThePagesTable() =>
        Assert.All(DatasetLayouts.All, layout => Assert.Matches($@"(?m)^\|[^|]*`{Regex.Escape(layout.Name)}`", Page));

    private string Mine(string document)
    {
        var file = Path.Combine(Path.GetDirectoryName(_source.Source)!, "mine.yaml");
        File.WriteAllText(file, document);
        return file;
    }

    [GeneratedRegex("```yaml\n(?<yaml>before.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
