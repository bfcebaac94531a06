using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Parameters;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary><c>model.init</c> in its long form; the short one is what it always was.</summary>
public sealed class InitialWeightsConfigTests
{
    [Fact]
    public void Read_AMapping_KeepsItsParts_AndMakesThePathAbsolute()
    {
        var init = Texts.Read(Texts.Least + """
            model:
              name: tinycd
              init: { from: b4.pth, key: ema.module, only: [_backbone], rename: [features=_backbone, 'enc_*=*'] }
            """).Model.Init;

        Assert.Equal(
            new InitialWeightsConfig
            {
                From = "file:///home/user/experiments/b4.pth", Key = "ema.module", Only = ["_backbone"], Rename = ["features=_backbone", "enc_*=*"],
            }, init);
    }

    [Fact]
    public void Read_AMappingOfTheAddressAlone_IsTheShortForm_AndDigestedAsIt()
    {
        var (word, mapping) = (Texts.Read(Texts.Least + "model: { init: /w.pth }"), Texts.Read(Texts.Least + "model: { init: { from: /w.pth } }"));

        Assert.Equal(word, mapping);
        Assert.Contains("\"init\":\"file:///w.pth\"", ExperimentJson.Serialize(mapping), StringComparison.Ordinal);
        Assert.Equal(ExperimentDigest.Of(word), ExperimentDigest.Of(mapping));
    }

    [Theory]
    [InlineData("only: [_backbone]")]
    [InlineData("rename: [a=b]")]
    [InlineData("key: ema")]
    public void Digest_OfAnotherWayToTakeThem_IsAnother(string part) => Assert.NotEqual(
        ExperimentDigest.Of(Texts.Read(Texts.Least + "model: { init: /w.pth }")),
        ExperimentDigest.Of(Texts.Read(Texts.Least + $"model: {{ init: {{ from: /w.pth, {part} }} }}")));

    [Theory]
    [InlineData("{ only: [_backbone] }", "model.init.from", "is required and missing")]
    [InlineData("{ from: default, only: [_backbone] }", "model.init.from", "must be the id of a run")]
    [InlineData("{ from: /w.pth, rename: [features] }", "model.init.rename[0]", "must be OLD=NEW")]
    [InlineData("{ from: /w.pth, rename: ['a*=b'] }", "model.init.rename[0]", "must be OLD=NEW")]
    [InlineData("{ from: /w.pth, rename: a=b }", "model.init.rename", "must be a list")]
    [InlineData("{ from: /w.pth, only: [''] }", "model.init.only[0]", "must be the beginning of names")]
    [InlineData("{ from: /w.pth, onyl: [a] }", "model.init.onyl", "is not a known key")]
    [InlineData("7", "model.init", "must be default, the id of a run")]
    public void Read_WhatIsWrong_IsSaidWithItsKey(string init, string path, string message)
    {
        var error = Texts.OnlyError(Texts.Least + $"model: {{ init: {init} }}");

        Assert.Equal(path, error.Path);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_OfOnePart_OpensTheMapping() => Assert.Equal(
        new InitialWeightsConfig { From = "file:///w.pth", Only = ["bn*"] },
        Texts.Read(Texts.Least + "model: { init: { from: /w.pth } }", "model.init.only=['bn*']").Model.Init);
}
