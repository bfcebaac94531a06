using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Tests.Golden;

/// <summary>Checkpoints of earlier releases are verified and loaded, value by value.</summary>
[Collection(TorchCollection.Name)]
public sealed class GoldenCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(GoldenFiles.Releases), MemberType = typeof(GoldenFiles))]
    public async Task Checkpoint_OfARelease_LoadsIntoItsNetwork(string release)
    {
        var prefix = RunObject.Checkpoint(Guid.Empty, 0, 1).Value;
        await GoldenFiles.UnpackCheckpointAsync(release, _folder[prefix]);
        var json = await File.ReadAllBytesAsync(_folder[$"{prefix}/{CheckpointManifest.FileName}"], Token);
        var manifest = CheckpointManifest.Parse(json, release);
        using var network = ModelCatalogue.Create(manifest.Model.ToConfig(), seed: 1);

        var read = await new CheckpointReader(new FileObjectStore(_folder.Path)).ReadWeightsAsync(
            new CheckpointReference(prefix, Sha256Hex.Of(json), manifest.Epoch, manifest.Step), network, manifest.Model, Token);

        var first = read.Contents.Weights.First(tensor => tensor.Name == "conv11.weight");
        // The pattern of tests/golden/pattern.py.
        Assert.Equal([-0.375f, -0.25f, -0.125f, 0, 0.125f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(first.Bytes.Span)[..5].ToArray());
        Assert.Equal("unit", manifest.Normalization.Kind);
    }
}
