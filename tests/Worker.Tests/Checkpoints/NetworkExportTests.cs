using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Weights;
using ChangeDetection.Weights.Export;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;
using FloatTensor = Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>;

namespace ChangeDetection.Worker.Tests.Checkpoints;

/// <summary>What is exported computes, in programs that know nothing of ours, what the network computes here.</summary>
[Collection(TorchCollection.Name)]
[Needs(Resource.Processes)]
public sealed class NetworkExportTests : IDisposable
{
    private const int Channels = 4;
    private const int Kinds = 4;
    private static readonly (int Height, int Width)[] s_sizes = [(32, 48), (37, 51), (16, 17)];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every network as it is by default, of more classes, and with its options.</summary>
    public static TheoryData<string, string> Models =>
        new(ModelNames.All.SelectMany(model => (string[])["default", "classes"], (model, variant) => (model, variant))
        .Append((ModelNames.SiameseFcnn, "relu")).Append((ModelNames.SiameseFcnn, "shared-towers")));

    [Theory]
    [MemberData(nameof(Models))]
    public async Task TorchScript_OfEachNetwork_ComputesTheSameInLibtorch(string model, string variant)
    {
        var config = Config(model, variant);
        using var network = Network(config);
        await using (var file = File.Create(_folder["net.pt"]))
            await TorchScriptFile.WriteAsync(file, Export(config, network), CancellationToken.None);
        using var script = jit.load<Tensor, Tensor, Tensor>(_folder["net.pt"]);

        AssertSame(network, script.call);
        await AssertNotReadBackAsync("net.pt", "TorchScript");
        Assert.Equal(
            network.state_dict().Keys.Order(StringComparer.Ordinal),
            script.named_parameters().Select(named => named.name)
            .Concat(script.named_buffers().Select(named => named.name)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Onnx_OfEachNetwork_ComputesTheSameInAnOnnxRuntime(string model, string variant)
    {
        var config = Config(model, variant);
        using var network = Network(config);
        await using (var file = File.Create(_folder["net.onnx"]))
            await OnnxFile.WriteAsync(file, Export(config, network), CancellationToken.None);
        using var session = new InferenceSession(_folder["net.onnx"]);
        Assert.Equal([-1, config.Classes, -1, -1], session.OutputMetadata["log_probability"].Dimensions);

        AssertSame(network, (before, after) =>
        {
            using var results = session.Run([Input("before", before), Input("after", after)]);
            var output = Assert.Single(results).AsTensor<float>();
            return tensor(output.ToArray(), [.. output.Dimensions.ToArray().Select(side => (long)side)]);
        });
        Assert.Equal("""{"kind":"dataset","mean":[1,2,3,4],"deviation":[5,6,7,8]}""", session.ModelMetadata.CustomMetadataMap["normalization"]);
        Assert.Equal(Meaning(config).ToJson(), session.ModelMetadata.CustomMetadataMap[WeightsMeaning.Key]);
        await AssertNotReadBackAsync("net.onnx", "ONNX");
    }

    [Fact]
    public async Task TorchScript_IsReadByPyTorch_WithTheReferencesNames()
    {
        var config = Config(ModelNames.FcSiamDiff, "default");
        using var network = Network(config);
        await using (var file = File.Create(_folder["net.pt"]))
            await TorchScriptFile.WriteAsync(file, Export(config, network), CancellationToken.None);
        var expected = FirstOutputs(network);
        var said = await PyTorchPython.RunOrSkipAsync(
            """
            import sys, torch
            torch.set_num_threads(1)
            extra = {'normalization.json': '', 'changedetection': ''}
            net = torch.jit.load(sys.argv[1], _extra_files=extra)
            ramp = (torch.arange(4 * 37 * 51, dtype=torch.float32) / (4 * 37 * 51)).reshape(1, 4, 37, 51)
            print(*net(ramp, 1 - ramp).flatten()[:20].tolist())
            print(extra['changedetection'].decode())
            print(len(net.state_dict()), 'conv43d.weight' in net.state_dict(), 'dataset' in str(extra))
            """, _folder["net.pt"]);
        var lines = said.Split('\n');
        Assert.All(
            lines[0].Split(' ').Select(word => float.Parse(word, System.Globalization.CultureInfo.InvariantCulture)).Zip(expected),
            pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
        Assert.Equal(Meaning(config).ToJson(), lines[1]);
        Assert.Equal("143 True True", lines[2]);
    }

    [Fact]
    public async Task Write_NetworkThatCannotBeTold_IsRefusedByName()
    {
        var export = new NetworkExport(
            new CheckpointModel("of-tomorrow", 3), new CheckpointNormalization("unit", null, null), new Dictionary<string, TensorData>());
        Assert.Contains(
            "of-tomorrow",
            (await Assert.ThrowsAsync<NotSupportedException>(() => OnnxFile.WriteAsync(Stream.Null, export, CancellationToken.None))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "of-tomorrow",
            (await Assert.ThrowsAsync<NotSupportedException>(() => TorchScriptFile.WriteAsync(Stream.Null, export, CancellationToken.None))).Message,
            StringComparison.Ordinal);
    }

    private async Task AssertNotReadBackAsync(string name, string format)
    {
        await using var file = File.OpenRead(_folder[name]);
        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => WeightsReader.ReadAsync(file, file.Length, name, CancellationToken.None));
        Assert.Contains($"{name}: it is a file of {format} that 'changedetection checkpoint get' wrote", error.Message, StringComparison.Ordinal);
    }

    private static ModelConfig Config(string model, string variant) => new()
    {
        Name = model,
        Channels = Channels,
        Classes = variant == "classes" ? Kinds : 2,
        Activation = variant == "relu" ? ActivationNames.Relu : ActivationNames.None,
        SharedTowers = variant == "shared-towers",
    };

    /// <summary>With statistics that are not those of a fresh network, so that a mistake in them shows.</summary>
    private static ChangeNetwork Network(ModelConfig config)
    {
        var network = ModelCatalogue.Create(config, seed: 3);
        using var unrecorded = no_grad();
        foreach (var (name, tensor) in network.state_dict())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
                tensor.uniform_(-0.1, 0.1);
            else if (name.EndsWith("running_var", StringComparison.Ordinal) || (tensor.dim() == 1 && name.EndsWith("weight", StringComparison.Ordinal)))
                tensor.uniform_(0.5, 1.5);
        }
        network.eval();
        return network;
    }

    private static NetworkExport Export(ModelConfig config, ChangeNetwork network) => new(
        CheckpointModel.Of(config), new CheckpointNormalization("dataset", [1, 2, 3, 4], [5, 6, 7, 8]),
        network.state_dict().ToDictionary(named => named.Key, named => Tensors.Read(named.Key, named.Value)))
    {
        Meaning = Meaning(config),
    };

    private static WeightsMeaning Meaning(ModelConfig config) =>
        new(CheckpointModel.Of(config), new CheckpointNormalization("dataset", [1, 2, 3, 4], [5, 6, 7, 8]), Pixels: null, Mask: null, []);

    private static (Tensor Before, Tensor After) Pair(int height, int width) => (rand(1, Channels, height, width), rand(1, Channels, height, width));

    private static Tensor Compute(ChangeNetwork network, Tensor before, Tensor after)
    {
        using var unrecorded = no_grad();
        return network.call(before, after);
    }

    private static float[] FirstOutputs(ChangeNetwork network)
    {
        using var scope = NewDisposeScope();
        var ramp = (arange(Channels * 37 * 51, float32) / (Channels * 37 * 51)).reshape(1, Channels, 37, 51);
        return [.. Compute(network, ramp, 1 - ramp).flatten().slice(0, 0, 20, 1).data<float>()];
    }

    private static NamedOnnxValue Input(string name, Tensor image) =>
        NamedOnnxValue.CreateFromTensor(name, new FloatTensor(image.contiguous().data<float>().ToArray(), [.. image.shape.Select(side => (int)side)]));

    private static void AssertSame(ChangeNetwork network, Func<Tensor, Tensor, Tensor> exported)
    {
        foreach (var (height, width) in s_sizes)
        {
            using var scope = NewDisposeScope();
            var (before, after) = Pair(height, width);
            AssertClose(Compute(network, before, after), exported(before, after));
        }
    }

    private static void AssertClose(Tensor expected, Tensor output)
    {
        Assert.Equal(expected.shape, output.shape);
        // Relative where log-probabilities are far below 0.
        var deviation = ((output - expected).abs() / (1 + expected.abs())).max().item<float>();
        Assert.True(deviation < 1e-5, $"Largest deviation {deviation}.");
    }
}
