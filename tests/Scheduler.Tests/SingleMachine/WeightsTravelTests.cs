using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Weights;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>Weights in and out of a whole system, by its command line.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class WeightsTravelTests(SystemThatWorks works) : IClassFixture<SystemThatWorks>, IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly SystemUnderTest _system = works.System;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fc-siam-diff")]
    [InlineData("siamese-fcnn")]
    public async Task Import_OfTheReferencesWeights_GivesTheirBits_FromEitherFormat(string model)
    {
        var golden = Repository.SharedOrSkip($"golden/{model}.weights.safetensors");
        var expected = await ReadAsync(golden);
        await using (var file = File.Create(_folder["reference.pth"]))
            await PyTorchFile.WriteAsync(file, expected.Values, Token);

        var fromPth = await ImportAsync(_folder["reference.pth"], "--model", model, "--normalize", "image");
        var fromSafetensors = await ImportAsync(golden, "--model", model, "--normalize", "image");

        Assert.Equal(await _system.FinalWeightsAsync(fromSafetensors), await _system.FinalWeightsAsync(fromPth));
        foreach (var (format, name) in new[] { ("safetensors", "out.safetensors"), ("pth", "out.pth") })
        {
            (await _system.CliAsync("checkpoint", "get", $"{fromPth}", "--format", format, "--out", _folder[name])).Succeeded();
            AssertSame(expected, await ReadAsync(_folder[name]));
        }
        var run = await _system.FindAsync(fromPth);
        Assert.Equal((RunKind.Import, RunState.Succeeded, 1.0), (run.Kind, run.State, run.Progress));
    }

    [Fact]
    public async Task Exported_OfTheReferencesWeights_GivesTheReferencesLogProbabilitiesInPyTorch()
    {
        var run = await ImportAsync(
            Repository.SharedOrSkip("golden/fc-siam-diff.weights.safetensors"), "--model", "fc-siam-diff", "--normalize", "unit");
        (await _system.CliAsync("checkpoint", "get", $"{run}", "--format", "torchscript", "--out", _folder["net.pt"])).Succeeded();
        (await _system.CliAsync("checkpoint", "get", $"{run}", "--format", "onnx", "--out", _folder["net.onnx"])).Succeeded();
        await using (var cases = File.Create(_folder["cases.pth"]))
            await PyTorchFile.WriteAsync(cases, (await ReadAsync(Repository.SharedOrSkip("golden/fc-siam-diff.cases.safetensors"))).Values, Token);

        var deviations = await PyTorchPython.RunOrSkipAsync(
            """
            import sys, torch
            net = torch.jit.load(sys.argv[1])
            cases = torch.load(sys.argv[2], weights_only=True)
            for size in 'even', 'odd':
                print((net(cases[size + '.before'], cases[size + '.after']) - cases[size + '.log_probability']).abs().max().item())
            """, _folder["net.pt"], _folder["cases.pth"]);

        Assert.All(
            deviations.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            deviation => Assert.InRange(double.Parse(deviation, System.Globalization.CultureInfo.InvariantCulture), 0, 1e-4));
    }

    [Fact]
    public async Task TrainedWeights_OutAsPthAndInAgain_AreTheSame_AndARunStartsFromThem()
    {
        var trained = (await _system.SubmitAsync("trained", epochs: 1, steps: 1, crop: 32))[0];
        await _system.SucceededAsync(trained, s_limit);
        (await _system.CliAsync("checkpoint", "get", $"{trained}", "--format", "pth", "--out", _folder["trained.pth"])).Succeeded();

        var document = JsonDocument.Parse(
            (await _system.CliAsync("checkpoint", "import", _folder[
                "trained.pth"], "--model", "fc-siam-diff", "--normalize", $"dataset:{Dataset}", "--json")).Succeeded()).RootElement;
        var imported = document.GetProperty("run").GetGuid();

        Assert.Equal(await _system.FinalWeightsAsync(trained), document.GetProperty("sha256").GetString());
        var listed = JsonDocument.Parse((await _system.CliAsync("checkpoint", "list", $"{imported}", "--json")).Succeeded()).RootElement
            .EnumerateArray().Single();
        Assert.Equal(
            (0L, true, true),
            (listed.GetProperty("step").GetInt64(), listed.GetProperty("best").GetBoolean(), listed.GetProperty("last").GetBoolean()));

        var warm = await SubmitAsync($"model: {{ init: {imported} }}");
        await _system.SucceededAsync(warm, s_limit);
        var (config, _) = await _system.Runs.ConfigAsync(warm, Token);
        Assert.EndsWith(
            $"/runs/{imported}/checkpoints/000000000-a1/weights.safetensors",
            ExperimentJson.Deserialize(config).Model.Init.From, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfAnotherNetworksWeights_IsAWrongCommandThatNamesEveryParameter()
    {
        var weights = new[]
        {
            new TensorData("conv11.weight", TensorType.F32, [16, 4, 3, 3], new byte[2304]),
            new TensorData("head.bias", TensorType.F32, [1], new byte[4]),
        };
        await using (var file = File.Create(_folder["foreign.pth"]))
            await PyTorchFile.WriteAsync(file, weights, Token);

        var refused = await _system.CliAsync("checkpoint", "import", _folder["foreign.pth"], "--model", "fc-siam-diff", "--normalize", "unit");

        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.All(
            ["foreign.pth: its weights are not those of fc-siam-diff with 3 channels per date. Of ", "missing: bn11.weight [16]", " more missing",
                "unexpected: head.bias [1]", "of another shape: conv11.weight is F32 [16, 4, 3, 3] instead of F32 [16, 3, 3, 3]", "Nothing was queued."],
            part => Assert.Contains(part, refused.Errors, StringComparison.Ordinal));
    }

    /// <summary>As a training loop of somebody else's saved it: nested, wrapped by DataParallel, and with names of its own.</summary>
    [Fact]
    public async Task Import_OfAnotherNaming_ByRules_GivesTheSameBits_AndSaysWhatWasDone()
    {
        var file = await TrainedAsync();
        var ours = await ReadAsync(file);
        await PyTorchPython.RunOrSkipAsync(
            """
            import sys, torch
            state = torch.load(sys.argv[1])
            other = {('module.module.decoder.' if name.split('.')[0][-1] == 'd' or name.startswith('up') else 'module.module.encoder.blk_') + name: value
                     for name, value in state.items()}
            torch.save({'epoch_id': 3, 'model_G_state_dict': other, 'optimizer_G_state_dict': {'state': {}}}, sys.argv[2])
            """, file, _folder["theirs.pth"]);
        var runs = await RunsAsync();

        string[] import = ["checkpoint", "import", _folder["theirs.pth"], "--model", "fc-siam-diff", "--normalize", "unit"];
        Refused(await _system.CliAsync(import),
            "missing: bn11.weight [16] (the file's nearest: encoder.blk_bn11.weight)", "--rename OLD=NEW", "Nothing was queued.");
        Refused(await _system.CliAsync([.. import, "--rename", "encodr=", "--rename", "decoder="]),
            "'encodr=' renames nothing", "the nearest are 'encoder'");
        Refused(await _system.CliAsync([.. import, "--rename", "encoder"]), "--rename encoder", "OLD=NEW");
        Assert.Equal(runs, await RunsAsync());
        var imported = await _system.CliAsync([.. import, "--rename", "encoder.blk_*=*", "--rename", "decoder=", "--json"]);
        var document = JsonDocument.Parse(imported.Succeeded()).RootElement;

        Assert.All(
            ["'model_G_state_dict'", "'module.module.'", "Renamed by encoder.blk_*=*: ", "Renamed by decoder=: "],
            said => Assert.Contains(said, document.GetProperty("notes").ToString(), StringComparison.Ordinal));
        (await _system.CliAsync("checkpoint", "get", $"{document.GetProperty("run").GetGuid()}", "--out", _folder["back.safetensors"])).Succeeded();
        AssertSame(ours, await ReadAsync(_folder["back.safetensors"]));
    }

    [Fact]
    public async Task Import_WhileEverySlotIsTaken_WaitsForNone()
    {
        var file = await TrainedAsync();
        _system.Held.Hold("occupied", step: 1);
        var training = (await _system.SubmitAsync("occupied", epochs: 1, steps: 2))[0];
        await _system.AtStepAsync(training, 1, s_limit);

        var imported = await ImportAsync(file, "--model", "fc-siam-diff", "--normalize", "unit");

        Assert.Equal("import", Assert.Single(await new AttemptStore(_system.Database).ListAsync(imported, Token)).Slot);
        Assert.Equal(RunState.Running, (await _system.FindAsync(training)).State);
        Assert.Equal(training, Assert.Single((await _system.WorkersAsync()).SelectMany(worker => worker.Slots)).RunId);
        _system.Held.Release("occupied");
        await _system.SucceededAsync(training, s_limit);
    }

    [Fact]
    public async Task ModelInit_ThatDoesNotFit_IsRefusedBeforeAnythingIsQueued_AndOneThatDoesSaysWhatIsTaken()
    {
        var file = await TrainedAsync();
        var runs = await RunsAsync();

        Refused(await SubmitRawAsync($"model: {{ name: fc-ef, init: {file} }}"), "its weights are not those of fc-ef", "Nothing was queued.");
        Refused(await SubmitRawAsync($"model: {{ init: {{ from: {file}, only: [conv9*] }} }}"), "model.init.only asks for 'conv9*'");
        Assert.Equal(runs, await RunsAsync());
        var begun = await SubmitRawAsync($"model: {{ name: fc-siam-conc, init: {{ from: {file}, only: [conv11, conv12, bn11] }} }}");
        var run = JsonDocument.Parse(begun.Succeeded()).RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();

        Assert.Contains("tensors were taken from the file.", begun.Errors, StringComparison.Ordinal);
        await _system.SucceededAsync(run, s_limit);
        var events = await new EventStore(_system.Database).ListAsync(run, Token);
        Assert.Contains("stay as the seed draws them", Assert.Single(events, entry => entry.Type == "initialized").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_OfWeightsThatCannotTravelSo_SayWhyAndWhatCan()
    {
        Refused(await _system.CliAsync("checkpoint", "import", Reference(), "--model", "fc-siam-dif"), "fc-siam-dif", "Did you mean",
            "--normalize is missing");
        Refused(await _system.CliAsync("checkpoint", "import", Reference(), "--model", "tinycd"),
            "does not say how images become the input", "Weights of tinycd's authors want --normalize imagenet");
        Refused(await _system.CliAsync("checkpoint", "import", Reference()), "--model is missing", "--normalize is missing");
        Refused(await _system.CliAsync("checkpoint", "import", Reference(), "--model", "fc-siam-diff", "--normalize", "mean"),
            "must be unit, image, imagenet, mean=M,M,M;deviation=D,D,D or dataset:URI");
        Refused(await _system.CliAsync("checkpoint", "import", Reference(), "--model", "fc-siam-diff", "--normalize", "dataset:/nowhere/at/all"),
            "/nowhere/at/all");
        Refused(await _system.CliAsync("checkpoint", "import", Reference(), "--model", "fc-siam-diff", "--normalize", "unit", "--set", "train.epochs=3"),
            "--set train.epochs=3", "model.activation");
        Refused(await SubmitRawAsync($"model: {{ init: {Guid.NewGuid()} }}"), "model.init: there is no run");
        // Nobody here has a GPU for it.
        var untrained = await SubmitAsync("", "--set", "resources.device=gpu");
        (await _system.CliAsync("cancel", $"{untrained}")).Succeeded();
        Refused(await SubmitRawAsync($"model: {{ init: {untrained} }}"), "has no checkpoint yet");

        string Reference()
        {
            var path = _folder["any.safetensors"];
            using var file = File.Create(path);
            Safetensors.WriteAsync(file, [new TensorData("a", TensorType.F32, [1], new byte[4])], Token).GetAwaiter().GetResult();
            return path;
        }
    }

    private async Task<int> RunsAsync() => (await _system.Runs.ListAsync(new RunFilter(), Token)).Count;

    /// <summary>Weights of fc-siam-diff in PyTorch's format, trained once for all tests of this system.</summary>
    private async Task<string> TrainedAsync()
    {
        var file = Path.Combine(Path.GetDirectoryName(_system.DataDir)!, "trained.pth");
        if (File.Exists(file))
            return file;
        var trained = (await _system.SubmitAsync("trained", epochs: 1, steps: 1))[0];
        await _system.SucceededAsync(trained, s_limit);
        (await _system.CliAsync("checkpoint", "get", $"{trained}", "--format", "pth", "--out", file)).Succeeded();
        return file;
    }

    private string Dataset => Path.Combine(Path.GetDirectoryName(_system.DataDir)!, "dataset");

    private async Task<Guid> ImportAsync(string file, params string[] more) =>
        Guid.Parse((await _system.CliAsync(["checkpoint", "import", file, .. more])).Succeeded().Trim());

    private async Task<Guid> SubmitAsync(string more, params string[] options) =>
        JsonDocument.Parse((await SubmitRawAsync(more, options)).Succeeded()).RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();

    private Task<CommandRun> SubmitRawAsync(string more, params string[] options) => _system.CliAsync(["submit", _folder.Write("warm.yaml",
        $$"""
        version: 1
        name: warm
        dataset: { uri: {{Dataset}}, train: { split: train, crop: 32, samples_per_epoch: 4 } }
        train: { batch_size: 4, epochs: 1 }
        evaluate: none
        resources: { threads: 1 }
        {{more}}
        """), "--json", .. options]);

    private static void Refused(CommandRun run, params string[] said)
    {
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.All(said, part => Assert.Contains(part, run.Errors, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return (await WeightsReader.ReadAsync(file, file.Length, path, Token)).Tensors;
    }

    private static void AssertSame(IReadOnlyDictionary<string, TensorData> expected, IReadOnlyDictionary<string, TensorData> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            expected.Values,
            tensor => Assert
            .True(tensor.Layout == actual[tensor.Name].Layout && tensor.Bytes.Span.SequenceEqual(actual[tensor.Name].Bytes.Span), tensor.Name));
    }
}
