using System.Security.Cryptography;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What <c>evaluate</c> queues. That the queued run scores is shown where workers are: <c>EvaluationSystemTests</c>.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class EvaluateVerbTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await server.CreateDatabaseAsync();
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);
        Directory.CreateDirectory(_folder["files"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Evaluate_ARun_QueuesOneThatReadsItsCheckpoint_WithoutWaitingForIt()
    {
        var trained = await PublishAsync(Manifest(channels: 3));

        var run = await EvaluatedAsync("--checkpoint", $"{trained}", "--split", "test", "--last");

        Assert.Equal((RunKind.Evaluate, RunState.Queued, trained, 0), (run.Kind, run.State, run.SourceRun, run.WaitsFor));
        Assert.Empty(await new CheckpointStore(_database.DataSource).ListAsync(run.Id, CancellationToken.None));
        var config = await ConfigAsync(run.Id);
        Assert.Equal(("test", "val", CheckpointChoice.Last), (config.Dataset.Test!.Split, config.Dataset.Validate!.Split, config.Evaluate!.From));
        Assert.Equal("test on source test", run.Name);
    }

    [Fact]
    public async Task Evaluate_AFileWithItsManifest_BringsBothIntoTheStore()
    {
        var manifest = Manifest(channels: 3) with { Model = new CheckpointModel("siamese-fcnn", 3) { Activation = "relu" } };
        var weights = await WriteFilesAsync(manifest);

        var run = await EvaluatedAsync("--checkpoint", weights, "--split", "val", "--validate", "none", "--pictures", "0");

        Assert.Null(run.SourceRun);
        var brought = Assert.Single(await new CheckpointStore(_database.DataSource).ListAsync(run.Id, CancellationToken.None));
        Assert.Equal((12L, 0, true), (brought.Step, brought.Attempt, brought.Best));
        var stored = _folder[$"store/{brought.Prefix}/{CheckpointManifest.WeightsFile}"];
        Assert.Equal(await File.ReadAllBytesAsync(weights, CancellationToken.None), await File.ReadAllBytesAsync(stored, CancellationToken.None));
        var json = await File.ReadAllBytesAsync(_folder[$"store/{brought.Prefix}/{CheckpointManifest.FileName}"], CancellationToken.None);
        Assert.Equal(brought.ManifestSha256, Convert.ToHexStringLower(SHA256.HashData(json)));
        var config = await ConfigAsync(run.Id);
        Assert.Equal(
            ("siamese-fcnn", "relu", Normalization.Image, null, 0),
            (config.Model.Name, config.Model.Activation, config.Normalize, config.Dataset.Validate, config.Evaluate!.Pictures));
    }

    [Fact]
    public async Task Evaluate_AFileThatThisSystemKnowsByItsHash_NeedsNoManifestBesideIt()
    {
        var trained = await PublishAsync(Manifest(channels: 3));
        var weights = _folder["files/renamed.safetensors"];
        await File.WriteAllBytesAsync(weights, await WeightsAsync(), CancellationToken.None);

        var run = await EvaluatedAsync("--checkpoint", weights);

        Assert.Single(await new CheckpointStore(_database.DataSource).ListAsync(run.Id, CancellationToken.None));
        Assert.Equal((await ConfigAsync(trained)).Model, (await ConfigAsync(run.Id)).Model);
    }

    [Fact]
    public async Task Evaluate_WhatDoesNotFit_IsRefusedByName_AndNothingIsQueued()
    {
        var four = await PublishAsync(Manifest(channels: 4), channels: 4);
        var unknown = _folder["files/unknown.safetensors"];
        await File.WriteAllBytesAsync(unknown, await WeightsAsync(value: 9), CancellationToken.None);
        var before = (await new RunStore(_database.DataSource).ListAsync(new RunFilter(), CancellationToken.None)).Count;

        await RefusedAsync(2, "takes 4 channels per date, and the data set 'source' at", "--checkpoint", $"{four}");
        await RefusedAsync(2, "which network these weights are of, and how images become its input, cannot be told", "--checkpoint", unknown);
        await RefusedAsync(2, "There is no file '", "--checkpoint", _folder["files/none.safetensors"]);
        await RefusedAsync(2, "There is no run", "--checkpoint", $"{Guid.NewGuid()}");
        await RefusedAsync(2, "has no split 'tset'. Did you mean 'test'?", "--checkpoint", $"{four}", "--split", "tset");
        await RefusedAsync(2, "a threshold chosen on it would be chosen with the answers at hand", "--checkpoint", $"{four}", "--validate", "test");
        var idle = (await Experiments.SubmitAsync(_database))[0];
        await RefusedAsync(1, $"Run {idle} has published no checkpoint yet", "--checkpoint", $"{idle}");

        Assert.Equal(before + 1, (await new RunStore(_database.DataSource).ListAsync(new RunFilter(), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Evaluate_OnPixelsOtherThanTheTrained_RefusesAnotherType_AndWarnsOfValuesFarOff()
    {
        var unit = Manifest(channels: 3) with { Normalization = new CheckpointNormalization("unit", null, null) };
        var odd = new CheckpointPixels("uint8", [.. Enumerable.Repeat(new ValueRange(0, 0, 1, 1), 3)]);

        var words = await PublishAsync(unit with { Pixels = new CheckpointPixels("uint16", null) });
        await RefusedAsync(
            2, "has pixels of the type uint8, and the checkpoint's network (fc-siam-diff) was trained on uint16. Say with --rescale",
            "--checkpoint", $"{words}");
        await RefusedAsync(2, "--rescale is '2'; it is LOW..HIGH=LOW..HIGH", "--checkpoint", $"{words}", "--rescale", "2");
        await RefusedAsync(
            2, "does not say of what type they were", "--checkpoint", $"{await PublishAsync(unit)}", "--rescale", "0..255=0..1");
        Assert.DoesNotContain(await new RunStore(_database.DataSource).ListAsync(new RunFilter(), CancellationToken.None), run => run.Kind is RunKind.Evaluate);

        var warned = await RunAsync(["--checkpoint", $"{await PublishAsync(unit with { Pixels = odd })}"]);
        Assert.Equal(0, warned.ExitCode);
        var mapped = await EvaluatedAsync("--checkpoint", $"{words}", "--rescale", "0..255=0..10000");
        Assert.Equal("0..255=0..10000", (await ConfigAsync(mapped.Id)).Evaluate!.Rescale?.ToString());
        Assert.Matches("warning: the data set 'source' at .+: values lie far off .+: band 1 from .+, trained 0 to 1; band 2", warned.Errors);
        var moot = await RunAsync(["--checkpoint", $"{await PublishAsync(Manifest(channels: 3) with { Pixels = odd })}"]);
        Assert.Equal((0, false), (moot.ExitCode, moot.Errors.Contains("warning", StringComparison.Ordinal)));
    }

    private static CheckpointManifest Manifest(int channels) => new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = Guid.NewGuid(),
        Attempt = 1,
        Epoch = 1,
        Step = 12,
        Position = 0,
        ConfigDigest = "digest",
        Model = new CheckpointModel("fc-siam-diff", channels),
        Normalization = new CheckpointNormalization("image", null, null),
        Files = new Dictionary<string, CheckpointFileEntry>(),
        State = new RunningState(0, 0, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10.0", 1, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task<byte[]> WeightsAsync(byte value = 1)
    {
        using var file = new MemoryStream();
        await Safetensors.WriteAsync(file, [new TensorData("conv.weight", TensorType.F32, [1], new byte[] { 0, 0, value, 63 })], CancellationToken.None);
        return file.ToArray();
    }

    private static async Task<CheckpointManifest> WithWeightsAsync(CheckpointManifest manifest)
    {
        var weights = await WeightsAsync();
        return manifest with
        {
            Files = new Dictionary<string, CheckpointFileEntry> { [
                CheckpointManifest.WeightsFile] = new(weights.Length, Convert.ToHexStringLower(SHA256.HashData(weights))) },
        };
    }

    /// <returns>The path of the weights.</returns>
    private async Task<string> WriteFilesAsync(CheckpointManifest manifest)
    {
        await File.WriteAllBytesAsync(_folder[$"files/{CheckpointManifest.WeightsFile}"], await WeightsAsync(), CancellationToken.None);
        await File.WriteAllBytesAsync(_folder[$"files/{CheckpointManifest.FileName}"], (await WithWeightsAsync(manifest)).ToJson(), CancellationToken.None);
        return _folder[$"files/{CheckpointManifest.WeightsFile}"];
    }

    /// <summary>A run that has published a checkpoint, as a worker would have left it.</summary>
    private async Task<Guid> PublishAsync(CheckpointManifest manifest, int channels = 3)
    {
        var config = Experiments.Config() with { Model = new ModelConfig { Channels = channels }, Normalize = Normalization.Image };
        var planned = new PlannedRun(
            Guid.CreateVersion7(), "trained", RunKind.Train, ExperimentJson.Serialize(config), ExperimentDigest.Of(config), DeviceClass.Any, 5, null);
        await new ExperimentStore(_database.DataSource).AddAsync(
            new Experiment { Id = Guid.CreateVersion7(), Name = "test", Config = planned.ConfigJson, Source = "", Digest = planned.Digest }, [
                planned], CancellationToken.None);
        manifest = (await WithWeightsAsync(manifest)) with { Run = planned.Id };
        var prefix = RunObject.Checkpoint(planned.Id, manifest.Step, 1);
        var store = new FileObjectStore(_folder["store"]);
        var weights = await WeightsAsync();
        await store.PutAsync(prefix / CheckpointManifest.WeightsFile, (stream, token) => stream.WriteAsync(weights, token).AsTask(), CancellationToken.None);
        await store.PutAsync(
            prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(manifest.ToJson(), token).AsTask(), CancellationToken.None);
        var claim = await new LeaseStore(_database.DataSource, new LeaseSettings()).ClaimAsync(
            planned.Id, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None);
        await using var fence = await FencedTransaction.BeginAsync(_database.DataSource, claim!, CancellationToken.None);
        await CheckpointStore.AddAsync(fence, new CheckpointRecord
        {
            Step = manifest.Step,
            Epoch = 1,
            Prefix = prefix.Value,
            WeightsSha256 = Convert.ToHexStringLower(SHA256.HashData(weights)),
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(manifest.ToJson())),
            Bytes = weights.Length,
            Best = true,
        }, CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
        return planned.Id;
    }

    private async Task<Run> EvaluatedAsync(params string[] arguments)
    {
        using var answer = JsonDocument.Parse((await RunAsync([.. arguments, "--json"])).Succeeded());
        var run = answer.RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();
        return (await new RunStore(_database.DataSource).FindAsync(run, CancellationToken.None))!;
    }

    private async Task RefusedAsync(int code, string said, params string[] arguments)
    {
        var run = await RunAsync(arguments);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
        Assert.Contains(said, run.Errors, StringComparison.Ordinal);
    }

    private async Task<ExperimentConfig> ConfigAsync(Guid run) =>
        ExperimentJson.Deserialize((await new RunStore(_database.DataSource).ConfigAsync(run, CancellationToken.None)).Config);

    private Task<CommandRun> RunAsync(string[] arguments) => CommandRun.OfAsync(
        ["evaluate", "--dataset", _folder["dataset"], .. arguments], new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = _database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
        });
}
