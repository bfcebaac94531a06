using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Naming;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Optimizers;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>What a run starts from: parts of a file under other names, and the rest as the seed draws it.</summary>
[Collection(TorchCollection.Name)]
public sealed class InitialWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Networks => [.. ModelNames.All];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_PartsOfAWrappedFileOfOtherNames_AreItsBits_AndTheRestIsAsDrawn()
    {
        var file = State(ModelNames.FcSiamDiff, seed: 5);
        var init = await WriteAsync("other.pth", file.Values.Select(tensor => tensor with { Name = $"module.enc_{tensor.Name}" }));

        var (state, link) = Load(ModelNames.FcSiamDiff, seed: 9, init with { Only = ["conv1*", "bn1*"], Rename = ["enc_*=*"] });

        var drawn = State(ModelNames.FcSiamDiff, seed: 9);
        var taken = state.Keys.Where(name => name.StartsWith("conv1", StringComparison.Ordinal) || name.StartsWith("bn1", StringComparison.Ordinal)).ToList();
        // conv11, conv12, conv12d, conv11d with a bias each; bn11, bn12, bn12d of five tensors.
        Assert.Equal(4 * 2 + 3 * 5, taken.Count);
        AssertSame(state, taken, file);
        AssertSame(state, state.Keys.Except(taken), drawn);
        var (type, detail) = Assert.Single(link.Events);
        Assert.Equal("initialized", type);
        Assert.Contains($"{taken.Count} of the network's {state.Count} tensors were taken from the file. {state.Count - taken.Count} stay as the seed draws",
            detail, StringComparison.Ordinal);
        Assert.Contains($"{file.Count - taken.Count} of the file were left out: bn21.", detail, StringComparison.Ordinal);
        Assert.Contains(link.Lines, line => line.Contains(detail, StringComparison.Ordinal));
        Assert.Contains(link.Lines, line => line.Contains("Renamed by enc_*=*", StringComparison.Ordinal));
        Assert.Contains(link.Lines, line => line.Contains("'module.'", StringComparison.Ordinal));
    }

    /// <summary>The rule that docs/weights.md gives for torchvision's file.</summary>
    [Fact]
    public async Task Load_TorchvisionsEfficientNetB4_IntoTheBackboneOfTinyCd()
    {
        var file = EfficientNetB4File.Draw(seed: 3);
        var init = await WriteAsync("efficientnet_b4.pth", file);

        var (state, link) = Load(ModelNames.TinyCd, seed: 9, init with { Only = ["_backbone"], Rename = ["features=_backbone"] });

        var renamed = file.Select(tensor => tensor with { Name = tensor.Name.Replace("features.", "_backbone.", StringComparison.Ordinal) })
            .ToDictionary(tensor => tensor.Name);
        var backbone = state.Keys.Where(name => name.StartsWith("_backbone.", StringComparison.Ordinal)).ToList();
        Assert.Equal(214, backbone.Count);
        AssertSame(state, backbone, renamed);
        AssertSame(state, state.Keys.Except(backbone), State(ModelNames.TinyCd, seed: 9));
        Assert.Contains("_backbone.4 (", Assert.Single(link.Events).Detail, StringComparison.Ordinal);
        Assert.Contains("classifier.1 (1)", link.Events[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("conv9*", "", "model.init.only asks for 'conv9*', and no tensor of fc-siam-diff begins so")]
    [InlineData("conv1*", "conv11=stem", "missing: conv11.weight [16, 3, 3, 3] (the file's nearest: stem.weight)")]
    [InlineData("conv2*", "conv21=a,conv22=conv21,a=b", "'a=b' renames nothing")]
    [InlineData("conv2*", "conv21=a,conv22=conv21", "of another shape: conv21.weight is F32 [32, 32, 3, 3] instead of F32 [32, 16, 3, 3]")]
    public async Task Load_WhatIsAskedForAndNotThere_IsRefused_AndTheNetworkUntouched(string only, string rename, string said)
    {
        var init = await WriteAsync("other.pth", State(ModelNames.FcSiamDiff, seed: 5).Values) with
        {
            Only = [only], Rename = [.. rename.Split(',', StringSplitOptions.RemoveEmptyEntries)],
        };
        using var network = ModelCatalogue.Create(new ModelConfig { Name = ModelNames.FcSiamDiff }, seed: 9);

        var refused = Assert.Throws<CheckpointInvalidException>(() => Load(network, init));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        AssertSame(Read(network), State(ModelNames.FcSiamDiff, seed: 9).Keys, State(ModelNames.FcSiamDiff, seed: 9));
    }

    [Fact]
    public async Task Compare_AnotherNetworksFile_TellsAllInTwentyLines_AndGoodOnesWhatIsTaken()
    {
        var init = await WriteAsync("bit.pth", State(ModelNames.FcEf, seed: 5).Values.Select(tensor => tensor with { Name = $"x.{tensor.Name}" }));
        var config = new ExperimentConfig
        {
            Name = "a", Dataset = new DatasetConfig { Uri = new Uri(_folder.Path) }, Model = new ModelConfig { Name = ModelNames.FcSiamDiff, Init = init },
        };

        var wrong = await WeightsVerb.CompareAsync(config, path: null);
        var right = await WeightsVerb.CompareAsync(
            config with { Model = config.Model with { Name = ModelNames.FcEf, Init = init with { Rename = ["x="] } } }, _folder["bit.pth"]);

        var lines = wrong.Problem!.Split('\n');
        Assert.InRange(lines.Length, 10, 22);
        Assert.Contains(lines, line => line.StartsWith("missing: bn11.weight [16] (the file's nearest: x.bn11.weight)", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("unexpected: x.", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line.StartsWith("and ", StringComparison.Ordinal)));
        Assert.Null(right.Problem);
        Assert.Equal(wrong, WeightsComparison.TryParse(wrong.ToJson())! with { Notes = wrong.Notes });
        Assert.Collection(
            right.Notes, note => Assert.StartsWith("Renamed by x=: ", note, StringComparison.Ordinal),
            note => Assert.EndsWith("tensors were taken from the file.", note, StringComparison.Ordinal));
    }

    /// <summary>What is taken off as a wrapping is never a network's own.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Wrappings_AreNoBeginningOfANetworksNames(string model)
    {
        var state = State(model, seed: 1);

        Assert.Equal(state.Keys.Order(StringComparer.Ordinal), NameWrappings.Remove(new WeightsFile(state, [])).Tensors.Keys.Order(StringComparer.Ordinal));
    }

    private static (IReadOnlyDictionary<string, TensorData> State, RecordingLink Link) Load(string model, long seed, InitialWeightsConfig init)
    {
        using var network = ModelCatalogue.Create(new ModelConfig { Name = model }, seed);
        var link = Load(network, init);
        return (Read(network), link);
    }

    private static RecordingLink Load(ChangeNetwork network, InitialWeightsConfig init)
    {
        var link = new RecordingLink();
        using var optimizer = OptimizerCatalogue.Create(network, new OptimizerConfig());
        InitialWeights.Load(new TrainingState(network, optimizer), init, link, CancellationToken.None);
        return link;
    }

    private async Task<InitialWeightsConfig> WriteAsync(string name, IEnumerable<TensorData> tensors)
    {
        await using var file = File.Create(_folder[name]);
        await PyTorchFile.WriteAsync(file, tensors, TestContext.Current.CancellationToken);
        return new Uri(_folder[name]).AbsoluteUri;
    }

    private static IReadOnlyDictionary<string, TensorData> State(string model, long seed)
    {
        using var network = ModelCatalogue.Create(new ModelConfig { Name = model }, seed);
        return Read(network);
    }

    private static Dictionary<string, TensorData> Read(ChangeNetwork network) =>
        network.state_dict().ToDictionary(named => named.Key, named => Tensors.Read(named.Key, named.Value));

    private static void AssertSame(
        IReadOnlyDictionary<string, TensorData> state, IEnumerable<string> names, IReadOnlyDictionary<string, TensorData> expected) =>
        Assert.All(names, name => Assert.True(state[name].Bytes.Span.SequenceEqual(expected[name].Bytes.Span), name));
}
