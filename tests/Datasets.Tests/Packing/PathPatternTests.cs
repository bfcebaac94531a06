using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("Szada/2-6", "Szada/2", true)]
    [InlineData("Szada/2-6", "Szada/6", true)]
    [InlineData("Szada/2-6", "Szada/7", false)]
    [InlineData("Szada/2-6", "Tiszadob/3", false)]
    [InlineData("Szada/2-6", "Szada/2-6", true)]
    [InlineData("2-6", "00004", true)]
    [InlineData("Szada", "Szada/1", true)]
    [InlineData("Szada/1", "Szada", false)]
    [InlineData("*", "Szada/1", true)]
    [InlineData("*/1", "Szada/1", true)]
    [InlineData("*/1", "Szada/11", false)]
    [InlineData("train/a?", "train/ab", true)]
    [InlineData("train/a*", "train/abc", true)]
    [InlineData("train/a*", "val/abc", false)]
    [InlineData("1,3", "3", true)]
    [InlineData("1, 3", "3", true)]
    [InlineData("Szada/1,3-5", "Szada/4", true)]
    [InlineData("Szada/1,3-5", "4", false)]
    [InlineData("Szada/1,Tiszadob/3", "Tiszadob/3", true)]
    [InlineData("Szada/1,Tiszadob/3", "Szada/3", false)]
    public void Matches_APath_ByNamesGlobsAndRanges(string pattern, string path, bool matches) =>
        Assert.Equal(matches, PathPattern.Parse(pattern).Matches(path));

    [Theory]
    [InlineData("")]
    [InlineData("a,,b")]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("6-2")]
    public void Parse_NoPattern_IsRefused(string pattern) => Assert.Throws<PackRequestException>(() => PathPattern.Parse(pattern));

    [Fact]
    public void ParseRule_WithCrop_TakesTheLastAt()
    {
        var rule = SplitRule.Parse("test=Szada/1@0,10,784,448");
        Assert.Equal(("test", new PixelRectangle(0, 10, 784, 448)), (rule.Split, rule.Crop!.Value));
        Assert.True(rule.Pattern.Matches("Szada/1"));
        Assert.Null(SplitRule.Parse("train=a=b").Crop);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("train=")]
    [InlineData("=Szada")]
    [InlineData("../x=Szada")]
    [InlineData("a/b=Szada")]
    [InlineData("test=Szada@0,0,784")]
    [InlineData("test=Szada@0,0,784,0")]
    [InlineData("test=Szada@-1,0,784,448")]
    [InlineData("test=Szada@0,0,784,99999999999")]
    [InlineData("test=Szada@")]
    public void ParseRule_NoRule_SaysWhatItShouldBe(string rule) =>
        Assert.StartsWith("--split '", Assert.Throws<PackRequestException>(() => SplitRule.Parse(rule)).Message);
}
