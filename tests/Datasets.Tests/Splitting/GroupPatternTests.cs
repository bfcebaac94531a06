using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Splitting;

namespace ChangeDetection.Datasets.Tests.Splitting;

public sealed class GroupPatternTests
{
    [Theory]
    [InlineData("{place}_*", "abudhabi_3_7", "abudhabi")]
    [InlineData("{place}_*", "las_vegas_3_7", "las")]
    [InlineData("{place}_#_#", "las_vegas_3_7", "las_vegas")]
    [InlineData("{place}_#_#", "scene_12_0_256", "scene_12")]
    [InlineData("{place}_#_#", "las_vegas_3_x", null)]
    [InlineData("{place}_*", "abudhabi", null)]
    [InlineData("{place}_*", "_1", null)]
    [InlineData("*/{place}_*", "train/a_1", "a")]
    [InlineData("{place}_*", "train/a_1", null)]
    [InlineData("{place}", "Szada/1", "Szada")]
    [InlineData("{place}/", "Szada/1", "Szada")]
    [InlineData("{place}/?", "Szada/12", null)]
    [InlineData("{country}/{place}_*", "fr/paris_1", "fr/paris")]
    [InlineData("{place}_20??_*", "paris_2018_1", "paris")]
    [InlineData("tile.({a})+*", "tile.(x)+1", "x")]
    [InlineData("{place}-*", "建物-1", "建物")]
    public void GroupOf_APath_IsWhatThePlaceholdersMatch(string pattern, string path, string? group) =>
        Assert.Equal(group, GroupPattern.Parse(pattern).GroupOf(path));

    [Theory]
    [InlineData("")]
    [InlineData("a_*")]
    [InlineData("{place")]
    [InlineData("place}")]
    [InlineData("{}_*")]
    [InlineData("{a b}_*")]
    [InlineData("../{a}")]
    [InlineData("{a}//b")]
    public void Parse_NoPatternOfAGroup_SaysWhatItShouldBe(string pattern)
    {
        var error = Assert.Throws<PackRequestException>(() => GroupPattern.Parse(pattern)).Message;
        Assert.StartsWith($"--group '{pattern}'", error);
        Assert.Contains("'{place}_*'", error);
    }
}
