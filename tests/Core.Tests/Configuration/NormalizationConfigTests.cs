using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class NormalizationConfigTests
{
    private static readonly Gen<Normalization> s_given =
        from channels in Gen.Int[1, 13]
        from mean in Gen.Double[-1e9, 1e9].Array[channels]
        from deviation in Gen.Double[1e-9, 1e9].Array[channels]
        from units in Gen.Enum<ValueUnits>()
        select Normalization.Given(new NormalizationFigures { Mean = [.. mean], Deviation = [.. deviation], Units = units });

    [Fact]
    public void Read_AWordOrFigures_IsTaken()
    {
        Assert.Equal(Normalization.ImageNet, Texts.Read(Texts.Least + "normalize: imagenet").Normalize);
        Assert.Equal([0.485, 0.456, 0.406], Normalization.ImageNet.Figures!.Mean);
        Assert.Equal([0.229, 0.224, 0.225], Normalization.ImageNet.Figures!.Deviation);
        var given = Texts.Read(Texts.Least + "model: { channels: 2 }\nnormalize: { mean: [0, 0.5], deviation: [1, 0.25] }").Normalize;
        Assert.Equal((NormalizationKind.Given, ValueUnits.Range), (given.Kind, given.Figures!.Units));
        var stored = Texts.Read(Texts.Least + "normalize: { mean: [90, 95.5, 80], deviation: [40, 41, 42], units: stored }").Normalize;
        Assert.Equal(ValueUnits.Stored, stored.Figures!.Units);
        Assert.Equal(given, Texts.Read(Texts.Least + "model: { channels: 2 }", "normalize={ deviation: [1, .25], mean: [0, 5e-1] }").Normalize);
    }

    [Theory]
    [InlineData("normalize: imagnet", "normalize", 3, "Did you mean 'imagenet'?")]
    [InlineData("normalize: [0.5]", "normalize", 3, "{ mean: [0.5, 0.5, 0.5]")]
    [InlineData("normalize: given", "normalize", 3, null)]
    [InlineData("model: { channels: 4 }\nnormalize: imagenet", "normalize", 4, "a mean and a deviation for each channel")]
    [InlineData("normalize: { mean: [0.5], deviation: [1, 1, 1] }", "normalize", 3, "one of each for every channel")]
    [InlineData("normalize: { mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1] }", "normalize", 3, "one of each for every channel")]
    [InlineData("normalize:\n  mean: [0, 0, 0]", "normalize.deviation", 4, "The standard deviation of each channel")]
    [InlineData("normalize:\n  mean: [0, 0, 0]\n  deviation: [1, 0, 1]", "normalize.deviation[1]", 5, null)]
    [InlineData("normalize:\n  mean: [0, zero, 0]\n  deviation: [1, 1, 1]", "normalize.mean[1]", 4, null)]
    [InlineData("normalize:\n  mean: [0, 0, 0]\n  std: [1, 1, 1]\n  deviation: [1, 1, 1]", "normalize.std", 5, "mean, deviation, units")]
    [InlineData("normalize: { mean: [0, 0, 0], deviation: [1, 1, 1], units: bytes }", "normalize.units", 3, null)]
    public void Read_WhatCannotBe_IsOneErrorWithItsLine(string lines, string path, int line, string? remedy)
    {
        var error = Texts.OnlyError(Texts.Least + lines);

        Assert.Equal((path, line), (error.Path, error.Line));
        if (remedy is not null)
            Assert.Contains(remedy, error.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfItsOwnText_IsTheSame() => s_given.Sample(given => Assert.Equal(given, Normalization.TryParse(given.ToString())));

    [Theory]
    [InlineData("imagenet", "imagenet")]
    [InlineData("mean=0.5,0.5,0.5; deviation=[.25,.25,.25]", "mean=0.5,0.5,0.5;deviation=0.25,0.25,0.25")]
    [InlineData("deviation=1;mean=0;units=range", "mean=0;deviation=1")]
    [InlineData("mean", null)]
    [InlineData("mean=1", null)]
    [InlineData("mean=1;deviation=0", null)]
    [InlineData("mean=1;deviation=NaN", null)]
    [InlineData("mean=1;deviation=1;units=other", null)]
    [InlineData("mean=1;deviation=1;mean=2", null)]
    [InlineData("mean=1;deviation=1;units", null)]
    public void TryParse_OfAnOption(string text, string? expected) => Assert.Equal(expected, Normalization.TryParse(text)?.ToString());

    /// <summary>A checkpoint keeps what its config said; figures of stored values are of the kind that older programs know.</summary>
    [Fact]
    public void Checkpoint_OfEveryConfig_SaysTheSame() => Gen.OneOf(
        s_given, Gen.OneOf(Normalization.Image, Normalization.Unit, Normalization.ImageNet)).Sample(config =>
    {
        var kept = CheckpointNormalization.Of(config, [1], [2]);

        if (config.Figures is { Units: ValueUnits.Stored } figures)
            Assert.Equal(new CheckpointNormalization("dataset", figures.Mean, figures.Deviation), kept);
        else
            Assert.Equal(config with { }, kept.ToConfig());
        Assert.Equal(kept, CheckpointNormalization.Of(config, null, null));
    });

    [Fact]
    public void Checkpoint_OfAKindThatIsNotKnown_HasNoConfig()
    {
        Assert.Null(new CheckpointNormalization("median", null, null).ToConfig());
        Assert.Null(new CheckpointNormalization("given", [0.5], null).ToConfig());
        Assert.Null(new CheckpointNormalization("given", [0.5], [0]).ToConfig());
        Assert.Equal(Normalization.Dataset, new CheckpointNormalization("dataset", [1], [2]).ToConfig());
    }
}
