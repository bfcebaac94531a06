using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.Datasets;

/// <summary><c>dataset pack</c> where pairs are divided by shares or into folds, and <c>validate</c> of configs that name a fold.</summary>
public sealed class ShareVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pack_ByShares_PrintsWhatEachSplitGot_AndShowSaysHow()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--split", "train=50%, val=25%", "--split", "test=25%", "--split-seed", "4");
        Assert.True(packed.Code == 0, packed.Log);
        Assert.Matches(@"divided +pairs +share +asked\ntest +\d+ +\d+\.\d\d % +25\.00 %\ntrain +\d+ +\d+\.\d\d % +50\.00 %\nval ", packed.Output);
        Assert.Contains("SOURCE has splits of its own (test, train, val)", packed.Log, StringComparison.Ordinal);
        var shown = await VerbRun.DatasetAsync("show", _folder["dataset"]);
        Assert.Contains("divided by the hash of names: test 25 %, train 50 %, val 25 %, seed 4", shown.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await VerbRun.DatasetAsync("verify", _folder["dataset"])).Code);
    }

    [Fact]
    public async Task Pack_Folds_Json_HasPairsSharesAndGroups_AndConfigsNameOneOfThem()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--folds", "3", "--group", "*/{scene}", "--split", "test=test", "--json");
        Assert.True(packed.Code == 0, packed.Log);
        var divided = packed.Json.GetProperty("divided").EnumerateArray().ToList();
        Assert.Equal(["fold0", "fold1", "fold2"], divided.Select(split => split.GetProperty("split").GetString()));
        Assert.All(divided, split => Assert.Equal(split.GetProperty("pairs").GetInt32(), split.GetProperty("groups").GetInt32()));
        var splits = packed.Json.GetProperty("provenance").GetProperty("splits");
        Assert.Equal(
            (3, "*/{scene}", 0), (splits.GetProperty("folds").GetInt32(), splits.GetProperty("group").GetString(), splits.GetProperty("seed").GetInt32()));

        var folds = SmallDataset.WriteConfig(_folder, train: "{ crop: 32 }", more: "matrix: [{ key: dataset.fold, values: [0, 1, 2] }]");
        var validated = await VerbRun.OfAsync("validate", folds);
        Assert.True(validated.Code == 0, validated.Log);
        Assert.Contains("3 runs that train", validated.Output, StringComparison.Ordinal);
        (await VerbRun.OfAsync("validate", SmallDataset.WriteConfig(_folder, more: "matrix: [{ key: dataset.fold, values: [2, 3] }]")))
            .Refused(2, "dataset.fold is 3", "has the folds 0, 1, 2");
        (await VerbRun.OfAsync("validate", SmallDataset.WriteConfig(_folder))).Refused(2, "no split 'train'", "dataset.fold: 0");
    }

    [Theory]
    [InlineData("a share and test a pattern", "--split", "train=100%", "--split", "test=test")]
    [InlineData("are 90 % together", "--split", "train=70%,val=20%")]
    [InlineData("'val=30' is no share", "--split", "train=70%,val=30")]
    [InlineData("A share has a percent sign: train=70%.", "--split", "train=70")]
    [InlineData("would be empty: ", "--folds", "99")]
    [InlineData("does not match 24 of 24 pairs", "--split", "train=50%,test=50%", "--group", "{scene}_#")]
    [InlineData("does not say what the group is", "--split", "train=50%,test=50%", "--group", "scene_*")]
    [InlineData("--group is of splits by shares or folds", "--group", "{scene}_*")]
    [InlineData("--split-seed is of splits by shares or folds", "--split-seed", "1")]
    [InlineData("--folds 1: there are 2 to 100 folds", "--folds", "1")]
    [InlineData("--split names 'train'", "--folds", "3", "--split", "train=50%")]
    public async Task Pack_WhatCannotBeDividedSo_IsRefused_AndWritesNothing(string said, params string[] more)
    {
        await SynthesizeAsync();
        (await PackAsync(more)).Refused(2, said);
        Assert.False(Directory.Exists(_folder["dataset"]) && Directory.EnumerateFileSystemEntries(_folder["dataset"]).Any());
    }

    [Fact]
    public async Task Help_HasThePatternLanguage()
    {
        var help = string.Join(' ', (await VerbRun.DatasetAsync("pack", "--help")).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (var said in (string[])["train=70%,val=15%,test=15%", "a range of numbers (2-6)", "'{place}_#_#'", "--split-seed", "--folds"])
            Assert.Contains(said, help, StringComparison.Ordinal);
    }

    private Task SynthesizeAsync() => VerbRun.DatasetAsync("synthesize", "--out", _folder["source"], "--pairs", "24", "--seed", "1", "--size", "64");

    private Task<VerbRun> PackAsync(params string[] more) => SmallDataset.PackAsync(_folder, more);
}
