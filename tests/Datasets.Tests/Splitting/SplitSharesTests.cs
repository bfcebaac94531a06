using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Splitting;

namespace ChangeDetection.Datasets.Tests.Splitting;

public sealed class SplitSharesTests
{
    [Theory]
    [InlineData("train=70%", true)]
    [InlineData("train=70%,val=15%", true)]
    [InlineData("train=12.5 %", true)]
    [InlineData("train=70%,val=15", true)]
    [InlineData("train=70", false)]
    [InlineData("train=Szada/2-6", false)]
    [InlineData("train=a%", false)]
    [InlineData("test=Szada/1@0,0,784,448", false)]
    public void IsMeant_NumbersWithAPercentSign(string text, bool meant) => Assert.Equal(meant, SplitShare.IsMeant(text));

    [Fact]
    public void Parse_Shares_InOneOptionWithCommasAndSpaces() =>
        Assert.Equal([new("train", 70), new("val", 12.5m), new("test", 17.5m)], SplitShare.Parse("train=70%, val=12.5 %,test=17.5%"));

    [Theory]
    [InlineData("train=70%,val=15", "'val=15' is no share, and the others are")]
    [InlineData("train=70%,Szada/1", "'Szada/1' is no share")]
    [InlineData("train=0%", "0% is no share")]
    [InlineData("train=101%", "101% is no share")]
    [InlineData("train=1.2.3%", "1.2.3% is no share")]
    [InlineData("../x=50%", "the name of a split")]
    [InlineData("=50%", "the name of a split")]
    public void Parse_NoShare_IsRefused(string text, string told) =>
        Assert.Contains(told, Assert.Throws<PackRequestException>(() => SplitShare.Parse(text)).Message);

    [Theory]
    [InlineData("train=70%,val=15%", null, "are 85 % together, and have to be 100 %: train 70, val 15")]
    [InlineData("train=33.3%,val=33.3%,test=33.3%", null, "are 99.9 % together")]
    [InlineData("train=50%,train=50%", null, "gives 'train' a share twice")]
    [InlineData("train=50%,Train=50%", null, "a share twice")]
    [InlineData("test=20%,val=10%", 5, "--split names 'val'")]
    [InlineData("test=100%", 5, "there is nothing left for --folds")]
    [InlineData(null, 1, "--folds 1: there are 2 to 100 folds")]
    [InlineData(null, 101, "--folds 101")]
    public void Create_WhatContradictsItself_IsRefused(string? splits, int? folds, string told) =>
        Assert.Contains(told, Assert.Throws<PackRequestException>(() => Shares.Of(splits, folds)).Message);

    [Fact]
    public void Create_SharesAndPatterns_AreNotMixed_ButFoldsTakeAPatternForTest()
    {
        Assert.Contains("a share and test a pattern", Assert.Throws<PackRequestException>(() => Shares.Of("train=100%", patterns: "test")).Message);
        Assert.Equal(3, Shares.Of(null, folds: 3, patterns: "test").Folds);
        Assert.Contains("--split names 'train'", Assert.Throws<PackRequestException>(() => Shares.Of(null, folds: 3, patterns: "train")).Message);
    }

    [Fact]
    public void Create_GroupOrSeedWithoutShares_IsRefused_AndNothingAtAllIsNone()
    {
        Assert.Null(Shares.Of(null));
        Assert.StartsWith("--group is of splits by shares", Assert.Throws<PackRequestException>(() => Shares.Of(null, group: "{a}")).Message);
        Assert.StartsWith("--split-seed is of splits by shares", Assert.Throws<PackRequestException>(() => Shares.Of(null, seed: 1)).Message);
        Assert.Contains("from 0 on", Assert.Throws<PackRequestException>(() => Shares.Of("train=100%", seed: -1)).Message);
    }

    [Fact]
    public void Provenance_HasAllThatIsNeededToDoItAgain()
    {
        var provenance = Shares.Of("test=20%", 5, "{place}_*", 7).Provenance;
        Assert.Equal("test 20 %, 5 folds, by groups {place}_*, seed 7", provenance.ToString());
        Assert.Equal("test 15 %, train 70 %, val 15 %, seed 0", Shares.Of("train=70%,val=15%,test=15%").Provenance.ToString());
    }
}
