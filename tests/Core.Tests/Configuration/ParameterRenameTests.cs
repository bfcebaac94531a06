using ChangeDetection.Core.Configuration.Parameters;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ParameterRenameTests
{
    [Theory]
    [InlineData("features=_backbone", "features.0.0.weight", "_backbone.0.0.weight")]
    [InlineData("features.=_backbone.", "features.0.0.weight", "_backbone.0.0.weight")]
    [InlineData("features.0=stem", "features.0.0.weight", "stem.0.weight")]
    [InlineData("features.0=stem", "features.01.weight", null)]
    [InlineData("features=_backbone", "myfeatures.0", null)]
    [InlineData("features=_backbone", "net.features.0", null)]
    [InlineData("encoder=", "encoder.conv1.weight", "conv1.weight")]
    [InlineData("encoder=", "encoder", null)]
    [InlineData("=encoder", "conv1.weight", "encoder.conv1.weight")]
    [InlineData("conv1.weight=conv1.kernel", "conv1.weight", "conv1.kernel")]
    [InlineData("enc_*=*", "enc_conv11.weight", "conv11.weight")]
    [InlineData("enc_*=*", "enc.conv11.weight", null)]
    [InlineData("*.gamma=*.weight", "bn11.gamma", "bn11.weight")]
    [InlineData("*.gamma=*.weight", "a.b.gamma", null)]
    [InlineData("stage*.*.bn=bn*_*", "stage1.2.bn.bias", "bn1_2.bias")]
    [InlineData("a(b)+[c]=x", "a(b)+[c].w", "x.w")]
    public void Apply_WholePartsAtTheBeginning_BecomeOthers(string rule, string name, string? expected) =>
        Assert.Equal(expected, ParameterRename.TryParse(rule)!.Apply(name));

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("features")]
    [InlineData("a=b=c")]
    [InlineData("a*=b")]
    [InlineData("a=b*")]
    [InlineData("a b=c")]
    [InlineData("a\n=c")]
    public void TryParse_WhatIsNoRule_IsNone(string text) => Assert.Null(ParameterRename.TryParse(text));

    /// <summary>A rule and its reverse give every name back that the first one changed, whatever stands in the names.</summary>
    [Fact]
    public void Apply_ARuleAndItsReverse_GiveTheNameBack()
    {
        var part = Gen.String[Gen.OneOf("abX01_-()[]+?^$|\\".ToCharArray()), 1, 6];
        Gen.Select(part.Array[1, 3], part.Array[1, 3], part.Array[0, 4]).Sample((old, replacement, rest) =>
        {
            var (from, to) = (string.Join('.', old), string.Join('.', replacement));
            var name = string.Join('.', old.Concat(rest));
            var renamed = ParameterRename.TryParse($"{from}={to}")!.Apply(name);
            return renamed == string.Join('.', replacement.Concat(rest)) && ParameterRename.TryParse($"{to}={from}")!.Apply(renamed) == name;
        }, iter: 500);
    }

    [Theory]
    [InlineData("", "anything", true)]
    [InlineData("_backbone", "_backbone.0.0.weight", true)]
    [InlineData("_backbone", "_backbones.0", false)]
    [InlineData("bn*", "bn11.bias", true)]
    [InlineData("bn*", "conv.bn11.bias", false)]
    [InlineData("conv11.weight", "conv11.weight", true)]
    [InlineData("*.0", "_backbone.0.1.bias", true)]
    public void Pattern_BeginsNames_UpToADotOrTheirEnd(string pattern, string name, bool begins) =>
        Assert.Equal(begins, new ParameterPattern(pattern).Begins(name));
}
