using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Models;

[Collection(TorchCollection.Name)]
public sealed class FcSiamDiffTests
{
    [Theory]
    [InlineData("even")]
    [InlineData("odd")]
    public async Task Forward_ReferenceWeights_GivesTheReferencesLogProbabilities(string size)
    {
        var weights = await ReadAsync("golden/fc-siam-diff.weights.safetensors");
        var cases = await ReadAsync("golden/fc-siam-diff.cases.safetensors");
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig(), seed: 1);
        var state = network.state_dict();
        Assert.Equal(weights.Keys.Order(StringComparer.Ordinal), state.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in state)
            Tensors.Write(weights[name], tensor);

        network.eval();
        using var unrecorded = no_grad();
        var output = network.call(Image(cases[$"{size}.before"]), Image(cases[$"{size}.after"]));

        var expected = Image(cases[$"{size}.log_probability"]);
        Assert.Equal(expected.shape, output.shape);
        var deviation = (output - expected).abs().max().item<float>();
        Assert.True(deviation < 1e-4, $"Largest deviation {deviation}.");
    }

    [Theory]
    [InlineData(3, 1_350_146)]
    [InlineData(4, 1_350_290)]
    [InlineData(10, 1_351_154)]
    [InlineData(13, 1_351_586)]
    public void Parameters_OfEachChannelCount_AreThePublishedNumber(int channels, long parameters)
    {
        var description = ModelDescription.Of(new ModelConfig { Channels = channels });

        Assert.Equal(parameters, description.Parameters);
        Assert.Equal(2_451, description.Buffers);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 31)]
    [InlineData(33, 48)]
    public void Forward_AnySizeFromSixteenOn_GivesProbabilitiesOfThatSize(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig(), seed: 1);
        network.eval();
        using var unrecorded = no_grad();

        var output = network.call(rand(1, 3, height, width), rand(1, 3, height, width));

        Assert.Equal([1L, 2L, height, width], output.shape);
        Assert.True(output.exp().sum(1).allclose(ones(1, height, width), 1e-5, 1e-5));
    }

    [Fact]
    public void Forward_Training_UpdatesRunningStatisticsOncePerDate()
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
