using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Models;

[Collection(TorchCollection.Name)]
public sealed class NetworkTests
{
    public static TheoryData<string> Names => [.. ModelNames.All];

    [Theory]
    [InlineData("even")]
    [InlineData("odd")]
    public async Task FcSiamDiff_ReferenceWeights_GivesTheReferencesLogProbabilities(string size)
    {
        var cases = await ReadAsync("golden/fc-siam-diff.cases.safetensors");

        var output = await RunAsync(ModelNames.FcSiamDiff, cases[$"{size}.before"], cases[$"{size}.after"]);

        AssertClose(Image(cases[$"{size}.log_probability"]), output);
    }

    [Theory]
    [InlineData("square")]
    [InlineData("wide")]
    public async Task SiameseFcnn_ReferenceWeights_GivesTheReferencesLogits(string size)
    {
        var cases = await ReadAsync("golden/siamese-fcnn.cases.safetensors");

        var output = await RunAsync(ModelNames.SiameseFcnn, cases[$"{size}.before"], cases[$"{size}.after"]);

        // log σ(z) − log σ(−z) = z
        AssertClose(Image(cases[$"{size}.output"]), output.narrow(1, 1, 1) - output.narrow(1, 0, 1));
    }

    [Theory]
    [InlineData(ModelNames.FcEf, 3, 1_350_578)]
    [InlineData(ModelNames.FcEf, 4, 1_350_866)]
    [InlineData(ModelNames.FcEf, 10, 1_352_594)]
    [InlineData(ModelNames.FcEf, 13, 1_353_458)]
    [InlineData(ModelNames.FcSiamConc, 3, 1_545_986)]
    [InlineData(ModelNames.FcSiamConc, 4, 1_546_130)]
    [InlineData(ModelNames.FcSiamConc, 10, 1_546_994)]
    [InlineData(ModelNames.FcSiamConc, 13, 1_547_426)]
    [InlineData(ModelNames.FcSiamDiff, 3, 1_350_146)]
    [InlineData(ModelNames.FcSiamDiff, 4, 1_350_290)]
    [InlineData(ModelNames.FcSiamDiff, 10, 1_351_154)]
    [InlineData(ModelNames.FcSiamDiff, 13, 1_351_586)]
    [InlineData(ModelNames.FresUNet, 3, 1_103_874)]
    [InlineData(ModelNames.SiameseFcnn, 3, 1_291_713)]
    [InlineData(ModelNames.SnUNet, 3, 12_034_978)]
    [InlineData(ModelNames.TinyCd, 3, 285_128)]
    public void Parameters_OfEachNetworkAndChannelCount_AreThePublishedNumber(string name, int channels, long parameters)
    {
        var description = ModelDescription.Of(new ModelConfig { Name = name, Channels = channels });

        Assert.Equal(parameters, description.Parameters);
        Assert.Equal(parameters, description.Layers.Sum(layer => layer.Parameters));
        if (name.StartsWith("fc-", StringComparison.Ordinal))
            Assert.Equal(2_451, description.Buffers);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_AnySizeFromSixteenOn_GivesProbabilitiesOfThatSize(string name)
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name }, seed: 1);
        network.eval();
        using var unrecorded = no_grad();
        foreach (var (height, width) in new[] { (16, 16), (17, 31), (33, 48) })
        {
            var output = network.call(rand(1, 3, height, width), rand(1, 3, height, width));

            Assert.Equal([1L, 2L, height, width], output.shape);
            Assert.True(output.exp().sum(1).allclose(ones(1, height, width), 1e-5, 1e-5));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_OfEachNetwork_ReachesEveryParameter(string name)
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name }, seed: 1);
        network.train();

        network.call(rand(2, 3, 32, 32), rand(2, 3, 32, 32)).narrow(1, 1, 1).sum().backward();

        foreach (var (parameter, values) in network.named_parameters())
            Assert.True(values.grad is { } gradient && gradient.isfinite().all().item<bool>(), parameter);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_ThePixelsOfOneBatch_AreInNoOthersWay(string name)
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name }, seed: 1);
        network.eval();
        using var unrecorded = no_grad();
        var (before, after) = (rand(2, 3, 32, 48), rand(2, 3, 32, 48));

        var together = network.call(before, after);

        Assert.True(together.narrow(0, 1, 1).allclose(network.call(before.narrow(0, 1, 1), after.narrow(0, 1, 1)), 1e-4, 1e-5));
    }

    [Fact]
    public void FcSiamDiff_Training_UpdatesRunningStatisticsOncePerDate()
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig(), seed: 1);
        network.train();

        network.call(rand(2, 3, 16, 16), rand(2, 3, 16, 16));

        var state = network.state_dict();
        Assert.Equal(2, state["bn11.num_batches_tracked"].item<long>());
        Assert.Equal(1, state["bn43d.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void SiameseFcnn_SharedTowers_HasOneOfThem()
    {
        var description = ModelDescription.Of(new ModelConfig { Name = ModelNames.SiameseFcnn, SharedTowers = true });

        Assert.DoesNotContain(description.Layers, layer => layer.Name.StartsWith("right", StringComparison.Ordinal));
        Assert.Contains(description.Layers, layer => layer.Name == "left.level3.3");
    }

    [Fact]
    public void SiameseFcnn_WithRelu_IsAnotherFunctionOfTheSameParameters()
    {
        using var scope = NewDisposeScope();
        var config = new ModelConfig { Name = ModelNames.SiameseFcnn };
        using var plain = ModelCatalogue.Create(config, seed: 1);
        using var rectified = ModelCatalogue.Create(config with { Activation = ActivationNames.Relu }, seed: 1);
        using var unrecorded = no_grad();
        var (before, after) = (rand(1, 3, 16, 16), rand(1, 3, 16, 16));

        Assert.Equal(plain.state_dict().Keys, rectified.state_dict().Keys);
        var logits = rectified.call(before, after);
        Assert.False(plain.call(before, after).allclose(logits, 1e-5, 1e-6));
        Assert.True(logits.isfinite().all().item<bool>());
    }

    [Fact]
    public void SiameseFcnn_WithRelu_CanSayNoChange()
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        using var rectified = ModelCatalogue.Create(new ModelConfig { Name = ModelNames.SiameseFcnn, Activation = ActivationNames.Relu }, seed: 1);
        var parameters = rectified.state_dict();
        parameters["up0.2.weight"].zero_();
        parameters["up0.2.bias"].fill_(-1);

        var change = rectified.call(rand(1, 3, 16, 16), rand(1, 3, 16, 16)).exp().select(1, 1);

        // The logit itself is no hidden layer: σ(−1).
        Assert.True(
            change.allclose(full_like(change, 1 / (1 + Math.E)), 1e-5, 1e-6),
            change.mean().item<float>().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Create_SameSeed_GivesTheSameWeights()
    {
        using var scope = NewDisposeScope();
        using var one = ModelCatalogue.Create(new ModelConfig(), seed: 5);
        using var same = ModelCatalogue.Create(new ModelConfig(), seed: 5);
        using var other = ModelCatalogue.Create(new ModelConfig(), seed: 6);

        foreach (var (name, tensor) in one.state_dict())
            Assert.True(tensor.equal(same.state_dict()[name]).all().item<bool>(), name);
        Assert.False(one.state_dict()["conv11.weight"].equal(other.state_dict()["conv11.weight"]).all().item<bool>());
    }

    /// <summary>The output of a network in evaluation mode with the golden weights, on one pair.</summary>
    private static async Task<Tensor> RunAsync(string name, TensorData before, TensorData after)
    {
        var weights = await ReadAsync($"golden/{name}.weights.safetensors");
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name }, seed: 1);
        var state = network.state_dict();
        Assert.Equal(weights.Keys.Order(StringComparer.Ordinal), state.Keys.Order(StringComparer.Ordinal));
        foreach (var (parameter, tensor) in state)
            Tensors.Write(weights[parameter], tensor);
        network.eval();
        using var unrecorded = no_grad();
        return network.call(Image(before), Image(after));
    }

    private static void AssertClose(Tensor expected, Tensor output)
    {
        Assert.Equal(expected.shape, output.shape);
        var deviation = (output - expected).abs().max().item<float>();
        Assert.True(deviation < 1e-4, $"Largest deviation {deviation}.");
    }

    private static async Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(string name)
    {
        var path = Repository.SharedOrSkip(name);
        await using var file = File.OpenRead(path);
        return await Safetensors.ReadAsync(file, file.Length, path, TestContext.Current.CancellationToken);
    }

    private static Tensor Image(TensorData data)
    {
        var tensor = empty([.. data.Shape]);
        Tensors.Write(data, tensor);
        return ChannelsLast.Of(tensor);
    }
}
