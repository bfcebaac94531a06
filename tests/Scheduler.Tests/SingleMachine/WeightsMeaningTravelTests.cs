using System.Text.Json;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>A file of weights means the same wherever it goes, whatever else a system knows.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class WeightsMeaningTravelTests(SystemThatWorks works) : IClassFixture<SystemThatWorks>, IDisposable
{
    private static readonly string[] s_figures =
        ["loss", "scores", "intervals", "confusion", "average_precision", "curve", "threshold", "calibration", "image_means", "seed"];

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly SystemUnderTest _system = works.System;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Weights_ThroughSafetensorsAndPthAndBack_ScoreTheSame_AlsoAfterAnUnrelatedImportOfEqualWeights()
    {
        var trained = await TrainAsync("one");
        var expected = await EvaluateAsync($"{trained}");
        foreach (var ending in new[] { "safetensors", "pth" })
            (await _system.CliAsync("checkpoint", "get", $"{trained}", "--out", _folder[$"weights.{ending}"])).Succeeded();

        // The same weights, meant otherwise: newer than the run, and told by the same hash.
        var unrelated = await _system.CliAsync("checkpoint", "import", _folder["weights.pth"], "--normalize", "unit");
        unrelated.Succeeded();
        Assert.Contains("taken with normalize unit; the file says mean=", unrelated.Errors, StringComparison.Ordinal);
        Assert.Contains($"run {trained} (fc-siam-diff, normalize mean=", unrelated.Errors, StringComparison.Ordinal);
        var back = Guid.Parse((await _system.CliAsync("checkpoint", "import", _folder["weights.pth"])).Succeeded().Trim());

        AssertSame(expected, await EvaluateAsync(_folder["weights.safetensors"]));
        AssertSame(expected, await EvaluateAsync(_folder["weights.pth"]));
        AssertSame(expected, await EvaluateAsync($"{back}"));
        Assert.NotEqual(expected.GetProperty("loss").GetRawText(), (await EvaluateAsync(unrelated.Output.Trim())).GetProperty("loss").GetRawText());
        foreach (var ending in new[] { "safetensors", "pth", "onnx", "pt" })
        {
            var (first, second) = (_folder[$"first.{ending}"], _folder[$"second.{ending}"]);
            (await _system.CliAsync("checkpoint", "get", $"{trained}", "--out", first)).Succeeded();
            (await _system.CliAsync("checkpoint", "get", $"{back}", "--out", second)).Succeeded();
            Assert.Equal(await File.ReadAllBytesAsync(first, Token), await File.ReadAllBytesAsync(second, Token));
        }
        await ExpectRefusalsAsync(trained, unrelated.Output.Trim());
    }

    /// <summary>What computes is named as what it is, and weights that do not say what they are, and are known in two ways, are not guessed at.</summary>
    private async Task ExpectRefusalsAsync(Guid trained, string unrelated)
    {
        foreach (var (ending, format) in new[] { ("onnx", "ONNX"), ("pt", "TorchScript") })
        {
            var refused = await EvaluationOfAsync(_folder[$"first.{ending}"]);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains($"first.{ending}: it is a file of {format} that 'changedetection checkpoint get' wrote", refused.Errors, StringComparison.Ordinal);
            Assert.Contains("changedetection checkpoint get RUN --out weights.safetensors", refused.Errors, StringComparison.Ordinal);
        }
        var bare = _folder["bare.safetensors"];
        var tensors = (await CheckpointFile.VerifyAsync(_folder["weights.pth"], Token)).Contents.Tensors.Values;
        await using (var file = File.Create(bare))
            await Safetensors.WriteAsync(file, tensors, Token);
        var guessed = await EvaluationOfAsync(bare);
        Assert.Equal((2, ""), (guessed.ExitCode, guessed.Output));
        foreach (var part in new[] { "used in several ways here", $"run {unrelated} (fc-siam-diff, normalize unit)" })
            Assert.Contains(part, guessed.Errors, StringComparison.Ordinal);
        var asked = await _system.CliAsync("checkpoint", "import", bare, "--model", "fc-siam-diff");
        Assert.Equal((2, ""), (asked.ExitCode, asked.Output));
        Assert.Contains("--normalize is missing", asked.Errors, StringComparison.Ordinal);
        Assert.Contains("Known runs with these weights: ", asked.Errors, StringComparison.Ordinal);
        Assert.NotEqual(trained.ToString(), unrelated);
    }

    [Fact]
    public async Task EqualRuns_ExportEqualBytes()
    {
        var (one, other) = (await TrainAsync("first"), await TrainAsync("second"));
        foreach (var ending in new[] { "safetensors", "pth", "onnx", "pt" })
        {
            (await _system.CliAsync("checkpoint", "get", $"{one}", "--out", _folder[$"one.{ending}"])).Succeeded();
            (await _system.CliAsync("checkpoint", "get", $"{other}", "--out", _folder[$"other.{ending}"])).Succeeded();
            Assert.Equal(await File.ReadAllBytesAsync(_folder[$"one.{ending}"], Token), await File.ReadAllBytesAsync(_folder[$"other.{ending}"], Token));
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Dataset => Path.Combine(Path.GetDirectoryName(_system.DataDir)!, "dataset");

    /// <summary>Nothing is as it is by default: loss, seed and threads decide about figures of an evaluation.</summary>
    private async Task<Guid> TrainAsync(string name)
    {
        var submitted = (await _system.CliAsync("submit", _folder.Write($"{name}.yaml",
            $$"""
            version: 1
            name: {{name}}
            seed: 11
            dataset: { uri: {{Dataset}}, train: { split: train, crop: 32, samples_per_epoch: 4 } }
            loss: { name: focal, gamma: 1.5, plus: [{ name: dice, weight: 0.5 }] }
            train: { batch_size: 2, epochs: 1 }
            evaluate: none
            resources: { threads: 1 }
            """), "--json")).Succeeded();
        var run = JsonDocument.Parse(submitted).RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();
        await _system.SucceededAsync(run, s_limit);
        return run;
    }

    private Task<CommandRun> EvaluationOfAsync(string checkpoint) => _system.CliAsync(
        "evaluate", "--checkpoint", checkpoint, "--dataset", Dataset, "--split", "test", "--pictures", "0", "--wait", "--json");

    private async Task<JsonElement> EvaluateAsync(string checkpoint)
    {
        var run = JsonDocument.Parse((await EvaluationOfAsync(checkpoint)).Succeeded()).RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();
        return JsonDocument.Parse((await _system.CliAsync("report", $"{run}", "--json")).Succeeded()).RootElement;
    }

    private static void AssertSame(JsonElement expected, JsonElement found) =>
        Assert.All(s_figures, figure => Assert.Equal(expected.GetProperty(figure).GetRawText(), found.GetProperty(figure).GetRawText()));
}
