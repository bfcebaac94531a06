using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What <c>predict</c> makes of a scene's values before it queues anything. That the worker does the same is shown where workers are.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class PredictValuesTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Predict_WhatDoesNotFitTheCheckpoint_IsRefusedWithTheRemedy_AndNothingIsQueued()
    {
        await WriteCheckpointAsync(new CheckpointPixels("uint8", null));
        Write("words.tif", PixelType.UInt16, channels: 3);
        Write("four.tif", PixelType.UInt16, channels: 4);
        Write("bytes.tif", PixelType.UInt8, channels: 3);

        await RefusedAsync("words.tif", "words.tif", [
            "hold values of the type uint16, and the network (fc-siam-diff) was trained on uint8", "Say with --rescale", "0..10000=0..255"]);
        await RefusedAsync("four.tif", "four.tif", ["four.tif has 4 bands, and the checkpoint is of fc-siam-diff for 3", "of the type uint16"]);
        await RefusedAsync("bytes.tif", "words.tif", ["bytes.tif holds values of the type uint8", "words.tif of uint16", "gdal_translate -ot Byte -scale"]);
        await RefusedAsync("words.tif", "words.tif", ["--rescale is '2'; it is LOW..HIGH=LOW..HIGH"], "--rescale", "2");
        await WriteCheckpointAsync(pixels: null);
        await RefusedAsync("words.tif", "words.tif", ["does not say of what type they were"], "--rescale", "0..10000=0..255");

        Assert.Empty(await new RunStore(_database.DataSource).ListAsync(new RunFilter(), CancellationToken.None));
    }

    [Fact]
    public async Task Predict_ASceneFarOffTheTrainedValues_Warns_AndQueuesItWithTheWarning_UnlessRescaled()
    {
        await WriteCheckpointAsync(new CheckpointPixels("uint8", [.. Enumerable.Repeat(new ValueRange(0, 10, 240, 255), 3)]));
        Write("bright.tif", PixelType.UInt16, channels: 3);
        Write("dark.tif", PixelType.UInt8, channels: 3, most: 5);
        Write("fine.tif", PixelType.UInt8, channels: 3);

        var (request, errors) = await QueuedAsync("fine.tif", "dark.tif", "--nodata", "-1");
        Assert.Equal(-1, request.NoData);
        var warning = Assert.Single(request.Warnings!);
        Assert.Contains("dark.tif: values lie far off those that the network was trained on", warning, StringComparison.Ordinal);
        Assert.Contains("trained 10 to 240", warning, StringComparison.Ordinal);
        Assert.Contains($"warning: {warning}", errors, StringComparison.Ordinal);

        (request, errors) = await QueuedAsync("bright.tif", "bright.tif", "--rescale", "0..65535=0..255");
        Assert.Equal(("0..65535=0..255", null), (request.Rescale, request.Warnings));
        Assert.DoesNotContain("warning", errors, StringComparison.Ordinal);

        (request, _) = await QueuedAsync("bright.tif", "bright.tif", "--rescale", "0..1=0..1");
        Assert.Equal(2, request.Warnings!.Count);

        await WriteCheckpointAsync(new CheckpointPixels("uint8", [.. Enumerable.Repeat(new ValueRange(0, 10, 240, 255), 3)]), normalization: "image");
        (request, _) = await QueuedAsync("fine.tif", "dark.tif");
        Assert.Null(request.Warnings);
    }

    [Theory, InlineData("mix168"), InlineData("mix816")]
    public async Task Predict_PairsThatWentWrong_AreRefusedBeforeAnythingIsLookedFor(string name)
    {
        var folder = Repository.SharedOrSkip("cases/predict-mixed-types");

        var run = await RunAsync(Path.Combine(folder, $"{name}_a.tif"), Path.Combine(folder, $"{name}_b.tif"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{name}_a.tif holds values of the type uint", run.Errors, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string before, string after, string[] said, params string[] more)
    {
        var run = await RunAsync(_folder[before], _folder[after], more);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.All(said, part => Assert.Contains(part, run.Errors, StringComparison.Ordinal));
    }

    /// <summary>What is queued. The command waits for the run's end, so the run is cancelled.</summary>
    private async Task<(PredictionRequest Request, string Errors)> QueuedAsync(string before, string after, params string[] more)
    {
        var store = new RunStore(_database.DataSource);
        var known = (await store.ListAsync(new RunFilter(), CancellationToken.None)).Select(run => run.Id).ToHashSet();
        var command = RunAsync(_folder[before], _folder[after], more);
        var queued = await Eventually.GetAsync("the run is queued", async () =>
        {
            if (command.IsCompleted)
                Assert.Fail((await command).Errors);
            return (await store.ListAsync(new RunFilter(), CancellationToken.None)).FirstOrDefault(run => !known.Contains(run.Id));
        }, TimeSpan.FromMinutes(1));
        await new RunActionStore(_database.DataSource).ApplyAsync(RunAction.Cancel, queued.Id, CancellationToken.None);
        return (PredictionRequest.FromJson((await store.ConfigAsync(queued.Id, CancellationToken.None)).Config), (await command).Errors);
    }

    private void Write(string name, PixelType type, int channels, int most = 256)
    {
        var shape = new ImageShape(32, 32, channels, type);
        var (random, pixels) = (new Random(1), new byte[shape.Bytes]);
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = (byte)random.Next(most);
        SceneFiles.Write(_folder[name], new PixelImage(shape, pixels));
    }

    private async Task WriteCheckpointAsync(CheckpointPixels? pixels, string normalization = "unit")
    {
        using var file = new MemoryStream();
        await Safetensors.WriteAsync(file, [new TensorData("conv.weight", TensorType.F32, [1], new byte[] { 0, 0, 1, 63 })], CancellationToken.None);
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.CurrentFormat,
            Run = Guid.NewGuid(),
            Attempt = 1,
            Epoch = 1,
            Step = 12,
            Position = 0,
            ConfigDigest = "digest",
            Model = new CheckpointModel("fc-siam-diff", 3),
            Normalization = new CheckpointNormalization(normalization, null, null),
            Pixels = pixels,
            Files = new Dictionary<string, CheckpointFileEntry>
            {
                [CheckpointManifest.WeightsFile] = new(file.Length, Convert.ToHexStringLower(SHA256.HashData(file.ToArray()))),
            },
            State = new RunningState(0, 0, null),
            Metrics = new Dictionary<string, double>(),
            Numerics = new Numerics("2.10.0", 1, "avx2", "cpu"),
            WrittenAt = DateTimeOffset.UnixEpoch,
        };
        await File.WriteAllBytesAsync(_folder[CheckpointManifest.WeightsFile], file.ToArray(), CancellationToken.None);
        await File.WriteAllBytesAsync(_folder[CheckpointManifest.FileName], manifest.ToJson(), CancellationToken.None);
    }

    private Task<CommandRun> RunAsync(string before, string after, params string[] more) => CommandRun.OfAsync(
        ["predict", "--checkpoint", _folder[CheckpointManifest.WeightsFile], "--before", before, "--after", after, "--out", _folder["change.tif"], .. more],
        new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = _database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
        });
}
