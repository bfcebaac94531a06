using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data;

public sealed class NormalizationCompatibilityTests
{
    private static readonly NormalizationFigures s_ofBytes = new() { Mean = [123.675, 116.28, 103.53], Deviation = [58.395, 57.12, 57.375] };

    [Theory]
    [InlineData("uint8", "values divided by 255")]
    [InlineData("uint16", "values divided by 65535")]
    [InlineData("float32", null)]
    public void Figures_OfValuesUpTo255_AreRefusedForWholeNumbers(string type, string? said)
    {
        var problem = NormalizationCompatibility.Problem(Normalization.Given(s_ofBytes), type);

        if (said is null)
            Assert.Null(problem);
        else
            Assert.Contains(said, problem!.Value.Message, StringComparison.Ordinal);
        Assert.Null(NormalizationCompatibility.Problem(Normalization.Given(s_ofBytes with { Units = ValueUnits.Stored }), type));
        Assert.Null(NormalizationCompatibility.Problem(Normalization.ImageNet, type));
    }

    /// <summary>ImageNet's figures, said of stored values, are the same input to the last bits of a float.</summary>
    [Fact]
    public async Task Loader_ByImageNetOrByItsFiguresOfStoredValues_DeliversTheSame()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3 });
        var figures = Normalization.ImageNet.Figures!;
        var stored = figures with
        {
            Mean = [.. figures.Mean.Select(mean => mean * 255)],
            Deviation = [.. figures.Deviation.Select(deviation => deviation * 255)],
            Units = ValueUnits.Stored,
        };

        var hashes = new List<string>();
        foreach (var normalize in new[] { Normalization.ImageNet, Normalization.Given(figures), Normalization.Given(stored), Normalization.Unit })
        {
            using var streams = await RunDataLoader.OpenAsync(dataset.Config() with { Normalize = normalize }, CancellationToken.None);
            hashes.Add((await Delivered.ReadAsync(streams.ReadSplitAsync("train", 4, CancellationToken.None))).Hash);
        }

        Assert.Single(hashes[..3].Distinct());
        Assert.NotEqual(hashes[0], hashes[3]);
    }
}
