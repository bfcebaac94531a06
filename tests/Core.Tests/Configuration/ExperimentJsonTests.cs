using System.Text.Json;
using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExperimentJsonTests
{
    private sealed record Envelope(int Attempt, ExperimentConfig Config);

    [Fact]
    public void Serialize_AnyConfig_ReadsBackEqual()
    {
        AnyConfig.Valid.Sample(config =>
        {
            var json = ExperimentJson.Serialize(config);
            Assert.Equal(config, ExperimentJson.Deserialize(json));
            Assert.Equal(config, Texts.ReadJson(json));
            Assert.Equal(config, Texts.Read(json));
        }, iter: 300);
    }

    [Fact]
    public void Serialize_DocumentedExample_WritesEveryKeyInSnakeCase()
    {
        using var json = JsonDocument.Parse(ExperimentJson.Serialize(Texts.Read(Texts.Documented)));

        Assert.Equal(
            ["version", "name", "seed", "dataset", "augment", "normalize", "model", "loss", "optimizer",
                "schedule", "train", "checkpoint", "evaluate", "loader", "resources", "retries",
                "seeds", "matrix", "published"],
            json.RootElement.EnumerateObject().Select(p => p.Name));
        var dataset = json.RootElement.GetProperty("dataset");
        Assert.Equal(
            """{"split":"train","crop":112,"samples_per_epoch":1500,"shuffle_shards":16,"mix":[],"balance":null,"crop_min_change":null}""",
            dataset.GetProperty("train").GetRawText());
        Assert.Equal("""{"change":"auto"}""", dataset.GetProperty("mask").GetRawText());
        Assert.Equal(
            """{"name":"nll","class_weights":"auto","gamma":2,"alpha":0.3,"beta":0.7,"plus":[]}""",
            json.RootElement.GetProperty("loss").GetRawText());
    }

    [Fact]
    public void SystemTextJson_ConfigInsideAnotherRecord_TakesTheSameForm()
    {
        var envelope = new Envelope(3, Texts.Read(Texts.Documented));

        var json = JsonSerializer.Serialize(envelope);

        Assert.Equal(envelope, JsonSerializer.Deserialize<Envelope>(json));
        Assert.Contains(ExperimentJson.Serialize(envelope.Config), json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"x\",\"dataset\":{\"uri\":\"/d\"},\"train\":{\"epochs\":-1}}")]
    [InlineData("{\"name\":\"x\",\"dataset\":{\"uri\":\"relative\"}}")]
    public void Deserialize_PoisonedRow_IsRefused(string json)
    {
        Assert.Throws<ConfigurationException>(() => ExperimentJson.Deserialize(json));
    }
}
