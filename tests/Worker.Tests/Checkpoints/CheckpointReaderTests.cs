using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Tests.Training;
using ChangeDetection.Worker.Training;
using ChangeDetection.Worker.Training.Optimizers;

namespace ChangeDetection.Worker.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class CheckpointReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;
    private readonly ChangeNetwork _network = ModelCatalogue.Create(new ModelConfig(), seed: 1);
    private readonly TrainingState _state;
    private readonly CheckpointOwner _owner;

    public CheckpointReaderTests()
    {
        _store = new FileObjectStore(_folder.Path);
        _state = new TrainingState(_network, new Adam(_network, 0));
        _owner = new SmallRun(_store, InventedBatches.Of(2)).Owner(1);
    }

    public void Dispose()
    {
        _state.Optimizer.Dispose();
        _network.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Read_WhatWasWritten_GivesTheSameBytes()
    {
        var contents = _state
            .Capture() with { Epoch = 3, Step = 12, Position = 4, State = new RunningState(0.1 + 0.2, 2, new BestSoFar("val/f1", 1 / 3.0, 2, 9)) };

        var reference = await WriteAsync(contents);
        var read = await new CheckpointReader(_store).ReadAsync(reference, _state.Layout(), _owner, CancellationToken.None);

        Assert.Equal((3, 12L, 4), (read.Contents.Epoch, read.Contents.Step, read.Contents.Position));
        Assert.Equal(contents.State, read.Contents.State);
        Assert.All(contents.Weights.Concat(contents.Optimizer), tensor =>
            Assert.True(
                tensor.Bytes.Span.SequenceEqual(
                read.Contents.Weights.Concat(read.Contents.Optimizer).Single(other => other.Name == tensor.Name).Bytes.Span)));
    }

    [Fact]
    public async Task Write_TheSameStateTwice_GivesOneWeightsHash()
    {
        var contents = _state.Capture();
        var first = await new CheckpointWriter(_store, _owner, TimeProvider.System).WriteAsync(contents, false, Empty, CancellationToken.None);
        var second = await new CheckpointWriter(_store, _owner with { Attempt = 2 }, TimeProvider.System)
            .WriteAsync(contents, false, Empty, CancellationToken.None);

        Assert.Equal(first.WeightsSha256, second.WeightsSha256);
        Assert.NotEqual(first.Prefix, second.Prefix);
    }

    [Theory]
    [InlineData("manifest.json", 30)]
    [InlineData("weights.safetensors", 3)]
    [InlineData("weights.safetensors", 200)]
    [InlineData("weights.safetensors", 2_000_000)]
    [InlineData("optimizer.safetensors", 7_000_000)]
    public async Task Read_OneBitFlipped_IsRefused(string file, int at)
    {
        var reference = await WriteAsync(_state.Capture());
        Damage(reference, file, bytes =>
        {
            bytes[at] ^= 4;
            return bytes;
        });

        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(
            () => new CheckpointReader(_store).ReadAsync(reference, _state.Layout(), _owner, CancellationToken.None));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("weights.safetensors")]
    [InlineData("optimizer.safetensors")]
    public async Task Read_CutShortOrMissing_IsRefused(string file)
    {
        var reference = await WriteAsync(_state.Capture());
        Damage(reference, file, bytes => bytes[..^1]);
        await Assert.ThrowsAsync<CheckpointInvalidException>(
            () => new CheckpointReader(_store).ReadAsync(reference, _state.Layout(), _owner, CancellationToken.None));

        File.Delete(_folder[$"{reference.Prefix}/{file}"]);
        await Assert.ThrowsAsync<CheckpointInvalidException>(
            () => new CheckpointReader(_store).ReadAsync(reference, _state.Layout(), _owner, CancellationToken.None));
    }

    [Fact]
    public async Task Read_VouchedForButOfOtherShapes_IsRefused()
    {
        var contents = _state.Capture();
        var weights = contents.Weights.Select(tensor => tensor.Name == "conv11.bias" ? tensor with { Shape = [4, 4] } : tensor).ToList();
        var reference = await WriteAsync(contents with { Weights = weights });

        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(
            () => new CheckpointReader(_store).ReadAsync(reference, _state.Layout(), _owner, CancellationToken.None));
        Assert.Contains("conv11.bias", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfAnotherNetwork_IsRefused()
    {
        var reference = await WriteAsync(_state.Capture());

        await Assert.ThrowsAsync<CheckpointMismatchException>(
            () => new CheckpointReader(_store).ReadWeightsAsync(reference, _network, new CheckpointModel("fc-siam-diff", 13), CancellationToken.None));
    }

    private static IReadOnlyDictionary<string, double> Empty { get; } = new Dictionary<string, double>();

    private async Task<CheckpointReference> WriteAsync(CheckpointContents contents)
    {
        var offer = await new CheckpointWriter(_store, _owner, TimeProvider.System).WriteAsync(contents, false, Empty, CancellationToken.None);
        return new CheckpointReference(offer.Prefix, offer.ManifestSha256, offer.Epoch, offer.Step);
    }

    private void Damage(CheckpointReference reference, string file, Func<byte[], byte[]> change)
    {
        var path = _folder[$"{reference.Prefix}/{file}"];
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
    }
}
