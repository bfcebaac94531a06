using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>A network's checkpoint in a store, as a training run would have published it.</summary>
internal static class PublishedNetwork
{
    public static async Task<CheckpointReference> PublishAsync(
        IObjectStore store, ChangeNetwork network, CheckpointNormalization normalization, CheckpointPixels? pixels = null)
    {
        var owner = new CheckpointOwner(
            Guid.CreateVersion7(), 1, "digest", CheckpointModel.Of(new ModelConfig { Classes = network.Classes }),
            normalization, new Numerics("test", 1, "", "cpu"))
        {
            Pixels = pixels,
        };
        var contents = new CheckpointContents
        {
            Epoch = 1,
            Step = 1,
            Position = 0,
            State = new RunningState(0, 0, null),
            Weights = [.. network.state_dict().Select(named => Tensors.Read(named.Key, named.Value))],
            Optimizer = [],
        };
        var offer = await new CheckpointWriter(store, owner, TimeProvider.System).WriteAsync(
            contents, true, new Dictionary<string, double>(), CancellationToken.None);
        return new CheckpointReference(offer.Prefix, offer.ManifestSha256, offer.Epoch, offer.Step);
    }
}
