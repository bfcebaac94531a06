using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;
using ChangeDetection.Worker.Tests.Data.Pixels;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Worker.Tests.Attempts;

/// <summary>What a checkpoint knows of the pixels it was trained on, and what an evaluation makes of that.</summary>
[Collection(TorchCollection.Name)]
public sealed class TrainedPixelsTests : IDisposable
{
    private static readonly BandRange s_range = new(0, 5, 250, 255);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnDataThatSaysWhatItsPixelsAre_PutsThatIntoTheCheckpoint_AndLeavesTheWeightsAsTheyWere()
    {
        using var plain = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        using var told = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 }, ranges: s_range);

        var (one, other) = (await TrainAsync(plain, attempt: 1), await TrainAsync(told, attempt: 2));

        Assert.Null((await ManifestAsync(one)).Pixels);
        var pixels = (await ManifestAsync(other)).Pixels!;
        Assert.Equal("uint8", pixels.Type);
        Assert.Equal(Enumerable.Repeat(new ValueRange(0, 5, 250, 255), 3), pixels.Ranges!);
        Assert.Equal(one.Offers[^1].WeightsSha256, other.Offers[^1].WeightsSha256);
    }

    [Fact]
    public async Task Run_EvaluationOfOtherPixels_IsRefusedByType_AndWarnsWhereValuesLieFarOff()
    {
        using var trained = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 }, ranges: s_range);
        using var same = await PackedDataset.PackAsync(new Dictionary<string, int> { ["test"] = 1 }, ranges: s_range);
        using var dark = await PackedDataset.PackAsync(new Dictionary<string, int> { ["test"] = 1 }, ranges: new BandRange(0, 0, 1, 1));
        using var words = await PackedDataset.PackAsync(new Dictionary<string, int> { ["test"] = 1 }, raw: true, ranges: s_range);
        var training = await TrainAsync(trained, attempt: 1);

        var (fine, _) = await EvaluateAsync(training, same, attempt: 2);
        Assert.Empty(fine.Events);
        Assert.False((await ReportAsync(fine)).TryGetProperty("warnings", out _));

        var (warned, _) = await EvaluateAsync(training, dark, attempt: 3);
        var said = Assert.Single(warned.Events, one => one.Type == "values-far-off").Detail;
        Assert.Contains("band 1 from 0 to 1, trained 5 to 250", said, StringComparison.Ordinal);
        Assert.Equal(said, (await ReportAsync(warned)).GetProperty("warnings")[0].GetString());

        var (_, refused) = await EvaluateAsync(training, words, attempt: 4);
        Assert.Equal((TrainerEnd.Failed, false), (refused.End, refused.Retryable));
        Assert.Contains(
            "has pixels of the type uint16, and the checkpoint's network (fc-siam-diff) was trained on uint8", refused.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NormalizationKind.Unit), InlineData(NormalizationKind.Image), InlineData(NormalizationKind.Dataset), InlineData(NormalizationKind.ImageNet)]
    public async Task Run_EvaluationRescaled_ScoresAsOnTheTrainedValues(NormalizationKind kind)
    {
        var normalize = Normalizations.Of(kind, channels: 3);
        const string Words = "0..10200=0..255";
        using var trained = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2, ["test"] = 3 }, ranges: s_range);
        using var words = await PackedDataset.PackAsync(
            new Dictionary<string, int> { ["train"] = 2, ["test"] = 3 }, raw: true, ranges: new BandRange(0, 200, 10000, 10200), factor: 40, mean: 1);
        var training = await TrainAsync(trained, attempt: 1, normalize);

        var (plain, _) = await EvaluateAsync(training, trained, attempt: 2, normalize);
        var (mapped, outcome) = await EvaluateAsync(training, words, attempt: 3, normalize, Words);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.Contains(Words, Assert.Single(mapped.Events).Detail, StringComparison.Ordinal);
        var (one, other) = (await ReportAsync(plain), await ReportAsync(mapped));
        foreach (var figure in (string[])["loss", "confusion", "scores", "curve", "calibration"])
            Assert.Equal(one.GetProperty(figure).GetRawText(), other.GetProperty(figure).GetRawText());
        Assert.Equal(Words, other.GetProperty("split").GetProperty("rescale").GetString());
        Assert.False(one.GetProperty("split").TryGetProperty("rescale", out _));
    }

    [Fact]
    public async Task Run_EvaluationRescaled_WarnsByTheMappedValues_AndIsRefusedWhereTheTrainedTypeIsNotKnown()
    {
        using var untold = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        using var trained = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 }, ranges: s_range);
        using var words = await PackedDataset.PackAsync(
            new Dictionary<string, int> { ["test"] = 1 }, raw: true, ranges: new BandRange(0, 200, 10000, 10200), factor: 40);

        var (warned, _) = await EvaluateAsync(await TrainAsync(trained, attempt: 1), words, attempt: 2, rescale: "0..10200=0..1");
        var said = Assert.Single(warned.Events, one => one.Type == "values-far-off").Detail;
        Assert.Contains("band 1 from 0 to 1, trained 5 to 250", said, StringComparison.Ordinal);

        var (_, refused) = await EvaluateAsync(await TrainAsync(untold, attempt: 3), words, attempt: 4, rescale: "0..10200=0..255");
        Assert.Equal((TrainerEnd.Failed, false), (refused.End, refused.Retryable));
        Assert.Contains("does not say of what type they were", refused.Reason, StringComparison.Ordinal);
    }

    private async Task<RecordingLink> TrainAsync(PackedDataset dataset, int attempt, Normalization? normalize = null)
    {
        var link = new RecordingLink();
        var config = Config(dataset, normalize ?? Normalization.Unit);
        var outcome = await AttemptRunner.RunAsync(Assignment(config, RunKind.Train, attempt), link, CancellationToken.None);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        return link;
    }

    private async Task<(RecordingLink Link, TrainerOutcome Outcome)> EvaluateAsync(
        RecordingLink trained, PackedDataset on, int attempt, Normalization? normalize = null, string? rescale = null)
    {
        var (link, config) = (new RecordingLink(), Config(on, normalize ?? Normalization.Unit));
        config = config with
        {
            Dataset = config.Dataset with { Test = new SplitConfig { Split = "test" } },
            Evaluate = new EvaluateConfig { Pictures = 0, Rescale = rescale is null ? null : ValueRescaling.TryParse(rescale) },
        };
        var outcome = await AttemptRunner.RunAsync(
            Assignment(config, RunKind.Evaluate, attempt) with { Checkpoints = trained.NewestFirst }, link, CancellationToken.None);
        return (link, outcome);
    }

    private async Task<CheckpointManifest> ManifestAsync(RecordingLink link) =>
        await new CheckpointReader(new FileObjectStore(_folder.Path)).ReadManifestAsync(link.NewestFirst[0], CancellationToken.None);

    private async Task<JsonElement> ReportAsync(RecordingLink link)
    {
        var artifact = link.Artifacts.Single(artifact => artifact.Name == RunObject.ReportJson);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(_folder[artifact.ObjectKey], CancellationToken.None)).RootElement;
    }

    private TrainerAssignment Assignment(ExperimentConfig config, RunKind kind, int attempt) => new()
    {
        Run = new("0198c0de-0000-7000-8000-000000000003"),
        Attempt = attempt,
        Kind = kind,
        Config = config,
        Store = new Uri(_folder.Path),
        Device = "cpu",
    };

    private static ExperimentConfig Config(PackedDataset dataset, Normalization normalize) => dataset.Config(batch: 2) with
    {
        Normalize = normalize,
        Train = new TrainConfig { BatchSize = 2, Epochs = 1 },
        Checkpoint = new CheckpointConfig { Metric = MetricNames.TrainLoss, Mode = OptimumMode.Min },
        Evaluate = null,
    };
}
