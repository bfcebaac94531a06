using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Tests.Shards;

namespace ChangeDetection.Datasets.Tests.Layouts;

public sealed class LayoutTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task AbLabel_FolderPerSplit_IsPacked()
    {
        AddAb("train/", "a");
        AddAb("val/", "b");
        var report = await _source.PackAsync("ab-label");
        Assert.Equal(["train", "val"], report.Manifest.Splits.Keys);
        Assert.Equal(["b"], (await _source.MasksAsync("val")).Keys);
    }

    [Fact]
    public async Task AbLabel_Lists_SayWhichPairGoesWhere()
    {
        foreach (var name in new[] { "a", "b", "c", "left" })
            AddAb("", name);
        _source.Write("list/train.txt", "\uFEFFa.png\r\n\r\n b.png \r\n"u8.ToArray());
        _source.Write("list/test.txt", "c"u8.ToArray());
        var report = await _source.PackAsync("ab-label");
        Assert.Equal((2, 1), (report.Manifest.Splits["train"].Samples, report.Manifest.Splits["test"].Samples));
        Assert.Equal(["left"], report.Unmatched);
        Assert.Equal(["a", "b"], (await _source.MasksAsync("train")).Keys);
    }

    [Fact]
    public async Task AbLabel_AListThatNamesWhatIsNotThere_NamesFileAndLine()
    {
        AddAb("", "a");
        _source.Write("list/train.txt", "a.png\n../../etc/passwd\n"u8.ToArray());
        Assert.Contains("list/train.txt, line 2: there is no pair '../../etc/passwd'", await _source.RefusedAsync<DatasetSourceException>("ab-label"));
    }

    /// <summary>Lists are written by hand and by programs: names with the files' extension, with another format's, and without; dots within names.</summary>
    [Theory]
    [InlineData("scene.1.png")]
    [InlineData("scene.1")]
    [InlineData("scene.1.TIF")]
    [InlineData("\tscene.1.jpg  ")]
    public async Task AbLabel_ListedNames_AreFoundWithAnyExtensionOrNone(string name)
    {
        AddAb("", "scene.1");
        // What the name would be with too much of it taken off.
        AddAb("", "scene");
        _source.Write("list/train.txt", System.Text.Encoding.UTF8.GetBytes($"{name}\r\n"));
        var report = await _source.PackAsync("ab-label");
        Assert.Equal(1, report.Manifest.Splits["train"].Samples);
        Assert.Equal(["scene"], report.Unmatched);
    }

    [Fact]
    public async Task AbLabel_AListedNameWithAnUnknownEnding_IsNoOtherPair()
    {
        AddAb("", "scene");
        _source.Write("list/train.txt", "scene.2\n"u8.ToArray());
        Assert.Contains("list/train.txt, line 1: there is no pair 'scene.2'", await _source.RefusedAsync<DatasetSourceException>("ab-label"));
    }

    [Theory]
    [InlineData("a.png\nb.png\r\na.png\n", "list/train.txt, line 3: 'a.png' stands there a second time, after line 1. Remove one")]
    [InlineData("a.png\nb.png\na\n", "list/train.txt, line 3: 'a' is the pair that 'a.png' in line 1 is. Remove one")]
    public async Task AbLabel_ANameTwiceInAList_NamesBothLines(string list, string message)
    {
        AddAb("", "a");
        AddAb("", "b");
        _source.Write("list/train.txt", System.Text.Encoding.UTF8.GetBytes(list));
        Assert.Contains(message, await _source.RefusedAsync<DatasetSourceException>("ab-label"));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("label")]
    public async Task AbLabel_AListedPairThatLacksAFile_NamesListLineAndFolder(string folder)
    {
        AddAb("", "a");
        AddAb("", "b");
        File.Delete(_source[$"{folder}/b.png"]);
        _source.Write("list/train.txt", "a.png\nb.png\n"u8.ToArray());
        var message = await _source.RefusedAsync<DatasetSourceException>("ab-label");
        Assert.StartsWith("list/train.txt, line 2: b: the ", message);
        Assert.Contains($"{folder} has no image of that name", message);
    }

    [Fact]
    public async Task AbLabel_AListOfNothing_IsRefused()
    {
        AddAb("", "a");
        _source.Write("list/train.txt", "a"u8.ToArray());
        _source.Write("list/VAL.txt", "\r\n \r\n"u8.ToArray());
        Assert.Contains("list/VAL.txt names nothing", await _source.RefusedAsync<DatasetSourceException>("ab-label"));
    }

    [Fact]
    public async Task AbLabel_FoldersOfOtherFormatsAndCases_AreJoinedByName()
    {
        _source.Write("a/one.PNG", PatternImages.Rgb(seed: 1));
        _source.Write("b/one.bmp", PatternImages.Rgb(seed: 2));
        _source.Write("Label/one.tif", PatternImages.Grey(16, 16, 0, 255));
        _source.Write("LIST/Train.txt", "one.jpg"u8.ToArray());
        Assert.Equal(1, (await _source.PackAsync("ab-label")).Manifest.Splits["train"].Samples);
    }

    [Fact]
    public async Task AbLabel_APairInTwoLists_IsAWarning()
    {
        AddAb("", "a");
        _source.Write("list/train.txt", "a.png"u8.ToArray());
        _source.Write("list/test.txt", "a.png"u8.ToArray());
        Assert.Equal("a is in both test and train", Assert.Single((await _source.PackAsync("ab-label")).Warnings));
    }

    [Fact]
    public async Task AbLabel_NoListAndNoSplit_AsksForOne()
    {
        AddAb("", "a");
        Assert.Contains("--split NAME=PATTERN", await _source.RefusedAsync<PackRequestException>("ab-label"));
        Assert.Equal(1, (await _source.PackAsync("ab-label", splits: "train=a")).Manifest.Splits["train"].Samples);
    }

    [Fact]
    public async Task AirChange_WithoutSplit_SaysHow()
    {
        AddPlace("Szada", "1");
        var message = await _source.RefusedAsync<PackRequestException>("airchange");
        Assert.Contains("Szada/1", message);
        Assert.Contains("test=Szada/1@0,0,784,448", message);
    }

    [Fact]
    public async Task AirChange_APatternThatMatchesNothing_IsAnErrorForEachItem()
    {
        AddPlace("Szada", "1");
        var message = await _source.RefusedAsync<PackRequestException>("airchange", splits: ["train=Szada/1,9", "test=Tiszadob"]);
        Assert.Contains("--split train: 'Szada/9' matches none of the 1 pairs (Szada/1)", message);
        Assert.Contains("--split test: 'Tiszadob' matches none", message);
    }

    [Fact]
    public async Task AirChange_OverlappingPartsOfOnePairInTwoSplits_AreAWarning()
    {
        AddPlace("Szada", "1");
        var report = await _source.PackAsync("airchange", splits: ["train=Szada/1@0,0,8,8", "test=Szada/1@7,7,4,4", "val=Szada/1@8,0,8,7"]);
        Assert.Equal("Szada/1 is in both test and train", Assert.Single(report.Warnings));
    }

    [Fact]
    public async Task AirChange_ACropOutsideTheImage_NamesPairAndSize()
    {
        AddPlace("Szada", "1");
        Assert.Contains(
            "Szada/1: the crop @0,0,784,448 leaves the image, which is 16x16",
            await _source.RefusedAsync<DatasetSourceException>("airchange", splits: "train=Szada/1@0,0,784,448"));
    }

    [Fact]
    public async Task AirChange_APairWithoutMask_IsNamedOnlyWhereItIsUsed()
    {
        AddPlace("Szada", "1");
        AddPlace("Szada", "2");
        File.Delete(_source["Szada/2/gt.png"]);
        Assert.Contains(
            "Szada/2: the mask is missing: the folder has no gt.bmp",
            await _source.RefusedAsync<DatasetSourceException>("airchange", splits: "train=Szada"));
        Assert.Equal(["Szada/2"], (await _source.PackAsync("airchange", splits: "train=Szada/1")).Unmatched);
    }

    [Fact]
    public async Task AirChange_AnyCaseOfNames_IsFound()
    {
        AddPlace("Archieve", "1");
        File.Move(_source["Archieve/1/im1.png"], _source["Archieve/1/IM1.PNG"]);
        File.Move(_source["Archieve/1/gt.png"], _source["Archieve/1/Gt.png"]);
        Assert.Equal(1, (await _source.PackAsync("airchange", splits: "train=*")).Manifest.Splits["train"].Samples);
    }

    [Fact]
    public void Find_AnUnknownLayout_ListsThoseThereAre()
    {
        var refused = Assert.Throws<PackRequestException>(() => DatasetLayouts.Find("levir")).Message;

        Assert.All(DatasetLayouts.All, layout => Assert.Contains(layout.Name, refused));
    }

    public static TheoryData<string> Names => [.. DatasetLayouts.All.Select(layout => layout.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_OfAFolderWithNothingOfIt_SaysWhatItExpects(string layout)
    {
        _source.Write("elsewhere/a.png", PatternImages.Rgb(seed: 1));

        Assert.Contains(DatasetLayouts.Find(layout).Folders, await _source.RefusedAsync<PackRequestException>(layout));
    }

    private void AddAb(string folder, string name)
    {
        _source.Write($"{folder}A/{name}.png", PatternImages.Rgb(seed: 1));
        _source.Write($"{folder}B/{name}.png", PatternImages.Rgb(seed: 2));
        _source.Write($"{folder}label/{name}.png", PatternImages.Grey(16, 16, 0, 255));
    }

    private void AddPlace(string place, string number)
    {
        _source.Write($"{place}/{number}/im1.png", PatternImages.Rgb(seed: 1));
        _source.Write($"{place}/{number}/im2.png", PatternImages.Rgb(seed: 2));
        _source.Write($"{place}/{number}/gt.png", PatternImages.Grey(16, 16, 0, 255));
    }
}
