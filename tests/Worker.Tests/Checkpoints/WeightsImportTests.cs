using System.Buffers.Binary;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Worker.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class WeightsImportTests : IDisposable
{
    private static readonly Guid s_run = new("0198c0de-0000-7000-8000-000000000003");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("weights.pth")]
    [InlineData("weights.safetensors")]
    public async Task Run_FileOfTheNetworksWeights_PublishesThemToTheBit(string name)
    {
        var weights = Weights(seed: 5);
        await WriteAsync(name, weights);

        var (link, outcome) = await ImportAsync(name);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        var offer = Assert.Single(link.Offers);
        Assert.True(offer.Best);
        Assert.Equal($"runs/{s_run}/checkpoints/000000000-a1", offer.Prefix);
        var stored = await StoredAsync(offer.Prefix);
        Assert.All(weights, tensor => Assert.True(tensor.Bytes.Span.SequenceEqual(stored[tensor.Name].Bytes.Span), tensor.Name));
        var manifest = CheckpointManifest.Parse(await File.ReadAllBytesAsync(_folder[$"{offer.Prefix}/{CheckpointManifest.FileName}"], Token), "manifest");
        Assert.Equal((new CheckpointModel("fc-siam-diff", 3), "unit", null), (manifest.Model, manifest.Normalization.Kind, manifest.Normalization.Mean));
        Assert.Equal("imported", Assert.Single(link.Events).Type);

        // A second attempt finds what the first has published.
        var (again, second) = await ImportAsync(name, attempt: 2, published: link.NewestFirst);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), second);
        Assert.Empty(again.Offers);
    }

    [Fact]
    public async Task Run_FileOfOtherNames_TellsEveryOneInOneError()
    {
        var weights = Weights(seed: 5).Where(tensor => tensor.Name is not ("conv12.bias" or "bn33d.running_var"))
            .Select(tensor => tensor.Name switch
            {
                "conv11.weight" => tensor with { Shape = [16, 4, 3, 3], Bytes = new byte[16 * 4 * 9 * 4] },
                "bn12.weight" => tensor with { Bytes = NotANumber(tensor.Bytes.Length) },
                _ => tensor,
            })
            .Append(new TensorData("head.weight", TensorType.F32, [1], new byte[4])).ToList();
        await WriteAsync("other.pth", weights);

        var (link, outcome) = await ImportAsync("other.pth");

        Assert.Equal((TrainerEnd.Failed, false), (outcome.End, outcome.Retryable));
        Assert.Empty(link.Offers);
        Assert.StartsWith("other.pth: its weights are not those of fc-siam-diff with 3 channels per date. Of ", outcome.Reason, StringComparison.Ordinal);
        Assert.All(
            ["tensors: 1 of another shape, 1 not finite, 2 missing, 1 unexpected.", "\nmissing: conv12.bias [16]\n", "\nmissing: bn33d.running_var [64]\n",
                "\nunexpected: head.weight [1]\n", "\nof another shape: conv11.weight is F32 [16, 4, 3, 3] instead of F32 [16, 3, 3, 3]\n",
                "\nnot finite: bn12.weight at value 1\n", "--rename OLD=NEW"],
            part => Assert.Contains(part, outcome.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_OldCheckpointOfHalfPrecisionAndDataParallel_IsBroughtToTheNetworksForm()
    {
        var weights = Weights(seed: 5);
        var old = weights.Where(tensor => !tensor.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .Select(tensor => tensor with { Name = $"module.{tensor.Name}", Type = TensorType.BF16, Bytes = UpperHalves(tensor.Bytes.Span) }).ToList();
        await WriteAsync("old.pth", old);

        var (link, outcome) = await ImportAsync("old.pth");

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        var notes = link.Events.Where(entry => entry.Type == "import-note").Select(entry => entry.Detail).ToList();
        Assert.Collection(
            notes, note => Assert.Contains("'module.'", note, StringComparison.Ordinal),
            note => Assert.Contains("conv11.weight from BF16", note, StringComparison.Ordinal),
            note => Assert.Contains("bn11.num_batches_tracked", note, StringComparison.Ordinal));
        var stored = await StoredAsync(link.Offers[0].Prefix);
        var first = BinaryPrimitives.ReadUInt32LittleEndian(weights.Single(tensor => tensor.Name == "conv11.weight").Bytes.Span);
        Assert.Equal(first & 0xffff0000u, BinaryPrimitives.ReadUInt32LittleEndian(stored["conv11.weight"].Bytes.Span));
        Assert.Equal(0L, BinaryPrimitives.ReadInt64LittleEndian(stored["bn11.num_batches_tracked"].Bytes.Span));
    }

    [Fact]
    public async Task Run_NormalizedByADataset_KeepsItsStatistics_AndRefusesAnothersChannels()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        await WriteAsync("weights.pth", Weights(seed: 5));
        var config = Config("weights.pth") with { Normalize = Normalization.Dataset, Dataset = dataset.Config(batch: 2).Dataset };

        var (link, outcome) = await ImportAsync(config);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        var manifest = CheckpointManifest.Parse(
            await File.ReadAllBytesAsync(_folder[$"{link.Offers[0].Prefix}/{CheckpointManifest.FileName}"], Token), "manifest");
        Assert.Equal("dataset", manifest.Normalization.Kind);
        Assert.Equal(3, manifest.Normalization.Mean!.Count);
        Assert.NotNull(manifest.DatasetSha256);
        var (_, refused) = await ImportAsync(config with { Model = config.Model with { Channels = 4 } });
        Assert.Contains("model.channels: must be 3", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FileThatIsGoneOrHostile_FailsForGood()
    {
        var (_, gone) = await ImportAsync("gone.pth");
        Assert.Equal((TrainerEnd.Failed, false), (gone.End, gone.Retryable));
        Assert.Contains("there is no such file", gone.Reason, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(_folder["bare.pth"], [0x80, 2, .. "cposix\nsystem\n"u8, .. new byte[64]], Token);
        var (_, bare) = await ImportAsync("bare.pth");
        Assert.Equal((TrainerEnd.Failed, false), (bare.End, bare.Retryable));
        Assert.Contains("pickle", bare.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ModelInitOfAPth_StartsFromItsWeights()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        var weights = Weights(seed: 5);
        await WriteAsync("weights.pth", weights);
        var config = dataset.Config(batch: 2);
        config = config with
        {
            Dataset = config.Dataset with { Validate = null, Test = null },
            Model = config.Model with { Init = Address("weights.pth") },
            // Nothing is learned, so that what is kept in the end is what it started from.
            Optimizer = config.Optimizer with { Lr = 1e-30 },
            Train = config.Train with { Epochs = 1 },
            Resources = new ResourcesConfig { Threads = 1 },
        };
        var link = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(Assignment(config, RunKind.Train, 1, []), link, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        var stored = await StoredAsync(link.Offers[^1].Prefix);
        Assert.True(weights.Single(tensor => tensor.Name == "conv43d.weight").Bytes.Span.SequenceEqual(stored["conv43d.weight"].Bytes.Span));
    }

    private Task<(RecordingLink Link, TrainerOutcome Outcome)> ImportAsync(
        string name, int attempt = 1, IReadOnlyList<CheckpointReference>? published = null) =>
        ImportAsync(Config(name), attempt, published);

    private async Task<(RecordingLink Link, TrainerOutcome Outcome)> ImportAsync(
        ExperimentConfig config, int attempt = 1, IReadOnlyList<CheckpointReference>? published = null)
    {
        var link = new RecordingLink();
        return (link, await AttemptRunner.RunAsync(Assignment(config, RunKind.Import, attempt, published ?? []), link, CancellationToken.None));
    }

    private TrainerAssignment Assignment(ExperimentConfig config, RunKind kind, int attempt, IReadOnlyList<CheckpointReference> published) => new()
    {
        Run = s_run,
        Attempt = attempt,
        Kind = kind,
        Config = config,
        Store = new Uri(_folder.Path),
        Device = "cpu",
        Checkpoints = published,
    };

    private ExperimentConfig Config(string name) => new()
    {
        Name = "import",
        Dataset = new DatasetConfig { Uri = new Uri(_folder.Path) },
        Normalize = Normalization.Unit,
        Model = new ModelConfig { Init = Address(name) },
        Resources = new ResourcesConfig { Threads = 1 },
    };

    private string Address(string name) => new Uri(_folder[name]).AbsoluteUri;

    private async Task WriteAsync(string name, IReadOnlyList<TensorData> weights)
    {
        await using var file = File.Create(_folder[name]);
        await (name.EndsWith(".pth", StringComparison.Ordinal) ? PyTorchFile.WriteAsync(file, weights, Token) : Safetensors.WriteAsync(file, weights, Token));
    }

    private async Task<IReadOnlyDictionary<string, TensorData>> StoredAsync(string prefix)
    {
        await using var file = File.OpenRead(_folder[$"{prefix}/{CheckpointManifest.WeightsFile}"]);
        return await Safetensors.ReadAsync(file, file.Length, "stored", Token);
    }

    internal static List<TensorData> Weights(int seed, string model = ModelNames.FcSiamDiff)
    {
        using var network = ModelCatalogue.Create(new ModelConfig { Name = model }, seed);
        return [.. network.state_dict().Select(named => Tensors.Read(named.Key, named.Value))];
    }

    private static byte[] NotANumber(int length)
    {
        var bytes = new byte[length];
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4), float.NaN);
        return bytes;
    }

    /// <summary>float32 cut to bfloat16.</summary>
    private static byte[] UpperHalves(ReadOnlySpan<byte> singles)
    {
        var halves = new byte[singles.Length / 2];
        for (var i = 0; i < halves.Length; i += 2)
            singles.Slice(2 * i + 2, 2).CopyTo(halves.AsSpan(i));
        return halves;
    }
}
