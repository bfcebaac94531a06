using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using TorchSharp;

namespace ChangeDetection.Worker.Prediction;

/// <summary>The weights of a prediction on the device that computes, in evaluation mode.</summary>
internal sealed class PredictionNetwork : IDisposable
{
    private PredictionNetwork(CheckpointManifest manifest, ChangeNetwork network, ComputeDevice device) =>
        (Manifest, Network, Device, Field) = (manifest, network, device, ModelCatalogue.Find(manifest.Model.Name).Field);

    public CheckpointManifest Manifest { get; }

    public ChangeNetwork Network { get; }

    public ComputeDevice Device { get; }

    /// <summary>How far its pixels see; null where the whole image decides.</summary>
    public ReceptiveField? Field { get; }

    /// <summary>Names and colours of its classes.</summary>
    public ClassLegend Legend => ClassLegend.Of(Manifest.ClassNames, Network.Classes);

    /// <exception cref="CheckpointInvalidException">The checkpoint is damaged or gone.</exception>
    public static PredictionNetwork Load(PredictionRequest request, IObjectStore store, ComputeDevice device, CancellationToken cancellationToken)
    {
        var reader = new CheckpointReader(store);
        var manifest = reader.ReadManifestAsync(request.Checkpoint, cancellationToken).Block();
        var network = ModelCatalogue.Create(manifest.Model.ToConfig(), seed: 0);
        var checkpoint = reader.ReadWeightsAsync(request.Checkpoint, network, manifest.Model, cancellationToken).Block();
        Tensors.Write(checkpoint.Contents.Weights, network.state_dict());
        network.to(device.Torch);
        network.eval();
        return new(manifest, network, device);
    }

    public void Dispose() => Network.Dispose();
}
