using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>P5, P6: a bit that flipped, in data or in a checkpoint, never reaches a tensor, and the run says which file it was in.</summary>
[Collection(TorchCollection.Name)]
public sealed class DamagedInputTests : IDisposable
{
    private static readonly Guid s_run = new("0198c0de-0000-7000-8000-000000000003");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train-000000.tar", "train_000")]
    [InlineData("train-000000.idx", "SHA-256")]
    [InlineData("train-000000.sum", "SHA-256")]
    [InlineData("dataset.json", "changed or damaged")]
    public async Task Train_OnDataWithAFlippedBit_FailsNamingFileAndPlace(string file, string said)
    {
        using var dataset = await PackAsync();
        Flip(dataset[file], await PlaceAsync(dataset, file));
        var link = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(Assignment(Config(dataset)), link, CancellationToken.None);

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.StartsWith(file, outcome.Reason, StringComparison.Ordinal);
        Assert.Contains(said, outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(link.Points);
        Assert.Empty(link.Offers);
    }

    [Fact]
    public async Task Train_OnAShardShortByOneByte_FailsNamingIt()
    {
        using var dataset = await PackAsync();
        using (var file = File.OpenWrite(dataset["train-000000.tar"]))
            file.SetLength(file.Length - 1);

        var outcome = await AttemptRunner.RunAsync(Assignment(Config(dataset)), new RecordingLink(), CancellationToken.None);

        Assert.StartsWith("train-000000.tar has ", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_AfterTheDataSetWasReplaced_IsRefused()
    {
        using var dataset = await PackAsync();
        var first = await StopAtOnceAsync(Config(dataset));
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 5, ["test"] = 1 });
        foreach (var path in Directory.GetFiles(other[""]))
            File.Copy(path, dataset[Path.GetFileName(path)], overwrite: true);
        var link = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(
            Assignment(Config(dataset)) with { Attempt = 2, Checkpoints = first.NewestFirst }, link, CancellationToken.None);

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("was trained on another data set", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(link.Offers);
    }

    [Fact]
    public async Task Resume_UnderAChangedConfig_IsRefused()
    {
        using var dataset = await PackAsync();
        var config = Config(dataset);
        var first = await StopAtOnceAsync(config);
        var changed = config with { Optimizer = config.Optimizer with { Lr = 0.5 } };

        var outcome = await AttemptRunner.RunAsync(
            Assignment(changed) with { Attempt = 2, Checkpoints = first.NewestFirst }, new RecordingLink(), CancellationToken.None);

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("another config", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_WithOtherDecodersAndReadAhead_EndsInTheSameBits()
    {
        using var dataset = await PackAsync();
        var config = Config(dataset);
        var straight = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(config), straight, CancellationToken.None);
        var stopped = await StopAtOnceAsync(config, attempt: 2);
        var other = config with { Loader = new LoaderConfig { Decoders = 3, BatchesAhead = 5, ReadAheadMb = 2 } };
        var resumed = new RecordingLink();

        await AttemptRunner.RunAsync(
            Assignment(other) with { Attempt = 3, Checkpoints = stopped.NewestFirst, PreviousNumerics = stopped.Numerics }, resumed, CancellationToken.None);

        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        Assert.Equal(straight.Points, stopped.Points.Concat(resumed.Points));
        Assert.Empty(resumed.Events);
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("manifest.json")]
    public async Task Resume_NewestCheckpointWithAFlippedBit_FallsBackNamesItAndEndsInTheSameBits(string file)
    {
        using var dataset = await PackAsync();
        var config = Config(dataset);
        var straight = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(config), straight, CancellationToken.None);
        var newest = _folder[$"{straight.Offers[^1].Prefix}/{file}"];
        Flip(newest, new FileInfo(newest).Length / 2);
        var resumed = new RecordingLink();

        await AttemptRunner.RunAsync(Assignment(config) with { Attempt = 2, Checkpoints = straight.NewestFirst }, resumed, CancellationToken.None);

        var (type, detail) = Assert.Single(resumed.Events);
        Assert.Equal("checkpoint-damaged", type);
        Assert.Contains($"{straight.Offers[^1].Prefix}/{file}", detail, StringComparison.Ordinal);
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("manifest.json")]
    public async Task Evaluate_ACheckpointWithAFlippedBit_FailsNamingIt(string file)
    {
        using var dataset = await PackAsync();
        var trained = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(Config(dataset)), trained, CancellationToken.None);
        var path = _folder[$"{trained.Offers[^1].Prefix}/{file}"];
        Flip(path, new FileInfo(path).Length / 2);
        var link = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(
            Assignment(Config(dataset)) with { Kind = RunKind.Evaluate, Checkpoints = trained.NewestFirst }, link, CancellationToken.None);

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains($"{trained.Offers[^1].Prefix}/{file}", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(link.Points);
    }

    [Fact]
    public async Task Init_FromACheckpointWithAFlippedBit_IsRefused()
    {
        using var dataset = await PackAsync();
        var config = Config(dataset);
        var trained = await StopAtOnceAsync(config);
        var weights = _folder[$"{trained.Offers[0].Prefix}/weights.safetensors"];
        Flip(weights, new FileInfo(weights).Length / 2);

        var outcome = await AttemptRunner.RunAsync(
            Assignment(config with { Model = config.Model with { Init = new Uri(weights).AbsoluteUri } })
                with { Attempt = 2 }, new RecordingLink(), CancellationToken.None);

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Contains("manifest.json beside it says", outcome.Reason, StringComparison.Ordinal);
    }

    private static Task<PackedDataset> PackAsync() => PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 4, ["test"] = 1 });

    private static ExperimentConfig Config(PackedDataset dataset)
    {
        var config = dataset.Config(batch: 2);
        return config with
        {
            Dataset = config.Dataset with { Test = new SplitConfig { Split = "test" } },
            Normalize = Normalization.Dataset,
            Train = config.Train with { Epochs = 2 },
            Resources = new ResourcesConfig { Threads = 1 },
        };
    }

    /// <summary>An attempt that was asked to stop at its first step.</summary>
    private async Task<RecordingLink> StopAtOnceAsync(ExperimentConfig config, int attempt = 1)
    {
        var link = new RecordingLink();
        link.Stop();
        Assert.Equal(TrainerEnd.Stopped, (await AttemptRunner.RunAsync(Assignment(config) with { Attempt = attempt }, link, CancellationToken.None)).End);
        return link;
    }

    private TrainerAssignment Assignment(ExperimentConfig config) => new()
    {
        Run = s_run,
        Attempt = 1,
        Kind = RunKind.Train,
        Config = config,
        Store = new Uri(_folder.Path),
        Device = "cpu",
    };

    /// <summary>In the data of a sample, not in the padding between; in a number that normalises; anywhere in a sidecar.</summary>
    private static async Task<long> PlaceAsync(PackedDataset dataset, string file)
    {
        if (file.EndsWith(".tar", StringComparison.Ordinal))
        {
            var opened = await ShardDataset.OpenAsync(dataset.Store, CancellationToken.None);
            return (await opened.ReadIndexAsync(opened.Manifest.Splits["train"].Shards[0], CancellationToken.None))
                .Find(0, SampleFields.Before)!.Value.Offset + 40;
        }
        return file == DatasetManifest.FileName
            ? (await File.ReadAllTextAsync(dataset[file])).IndexOf("127", StringComparison.Ordinal) + 2
            : new FileInfo(dataset[file]).Length / 2;
    }

    private static void Flip(string path, long at)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
