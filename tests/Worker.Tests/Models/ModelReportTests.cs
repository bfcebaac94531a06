using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Tests.Models;

[Collection(TorchCollection.Name)]
public sealed class ModelReportTests
{
    public static TheoryData<string> Names => [.. ModelNames.All];

    [Fact]
    public void Show_Json_HoldsLayersShapesAndParameters()
    {
        using var output = new StringWriter();

        ModelReport.Show("fc-siam-diff", 4, output, json: true);

        using var document = JsonDocument.Parse(output.ToString());
        Assert.Equal(1_350_290, document.RootElement.GetProperty("parameters").GetInt64());
        var first = document.RootElement.GetProperty("layers")[0];
        Assert.Equal("conv11", first.GetProperty("name").GetString());
        Assert.Equal([16, 4, 3, 3], first.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
    }

    [Fact]
    public void MultiplyAccumulates_OfTheFirstLayers_AreTheirWeightsPerPixelForEitherDate()
    {
        var layers = ModelDescription.Of(new ModelConfig()).Layers.ToDictionary(layer => layer.Name);

        Assert.Equal(2 * 16 * 3 * 9, layers["conv11"].MultiplyAccumulates);
        Assert.Equal(2 * 32 * 32 * 9 / 4.0, layers["conv22"].MultiplyAccumulates);
        Assert.Equal(0, layers["bn11"].MultiplyAccumulates);
        // The first upsampling works on a map of a sixteenth of the side; the last layer at full size.
        Assert.Equal(128 * 128 * 9 / 256.0, layers["upconv4"].MultiplyAccumulates);
        Assert.Equal(16 * 2 * 9, layers["conv11d"].MultiplyAccumulates);
    }

    /// <summary>What <c>model list</c> says of a network, without building it, is so.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Summary_OfANetwork_CountsTheParametersThatItHas(string name)
    {
        var known = ModelNames.Summaries.Single(model => model.Name == name);
        Assert.Equal(known.Parameters, ModelDescription.Of(new ModelConfig { Name = name, Channels = ModelSummary.Channels }).Parameters);
    }

    [Fact]
    public void Show_ANetworkWhoseAuthorsPublishedWeights_SaysHowTheyNormalise()
    {
        using var output = new StringWriter();

        ModelReport.Show("tinycd", 3, output, json: false);

        Assert.Contains("weights of its authors want normalize: imagenet", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Show_UnknownModel_ListsTheKnownOnes()
        => Assert.Contains(
            "fc-siam-diff", Assert.Throws<UnknownModelException>(() => ModelReport.Show("unet", 3, TextWriter.Null, json: false)).Message,
            StringComparison.Ordinal);
}
