using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Weights.Export;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>Formats that weights can leave in.</summary>
internal enum WeightsFormat
{
    /// <summary>As they are stored.</summary>
    Safetensors,
    /// <summary>PyTorch's zip format: a state dictionary.</summary>
    Pth,
    /// <summary>The network with its weights, for libtorch.</summary>
    TorchScript,
    /// <summary>The network with its weights, for any ONNX runtime.</summary>
    Onnx,
}

/// <summary>What makes of a checkpoint's weights a file of another format.</summary>
internal static class WeightsConversion
{
    /// <returns>Null where nothing is to be converted.</returns>
    /// <exception cref="CommandException">The format cannot carry this network.</exception>
    /// <exception cref="CheckpointInvalidException">The checkpoint's manifest is not the one that was published.</exception>
    public static async Task<Func<FileStream, Stream, CancellationToken, Task>?> ToAsync(
        WeightsFormat format, IObjectStore store, CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        if (format is WeightsFormat.Safetensors)
            return null;
        if (format is WeightsFormat.Pth)
            return async (source, target, token) => await PyTorchFile.WriteAsync(target, await ReadAsync(source, checkpoint, token), token);
        var (manifest, _) = await WeightsDownload.Of(store, checkpoint).ReadManifestAsync(cancellationToken);
        if (!NetworkExport.KnownModels.Contains(manifest.Model.Name))
        {
            throw new CommandException(
                $"--format {format.ToString().ToLowerInvariant()} holds a network's computation beside its weights, and that of " +
                    $"{manifest.Model.Name} is not known to this version; "
                + $"that of {string.Join(", ", NetworkExport.KnownModels)} can. Take --format pth or safetensors, which hold the weights of every network.");
        }
        return async (source, target, token) =>
        {
            var network = new NetworkExport(
                manifest.Model, manifest.Normalization, (await ReadAsync(source, checkpoint, token)).ToDictionary(tensor => tensor.Name));
            await (format is WeightsFormat.Onnx ? OnnxFile.WriteAsync(target, network, token) : TorchScriptFile.WriteAsync(target, network, token));
        };
    }

    private static async Task<IEnumerable<TensorData>> ReadAsync(FileStream source, CheckpointRecord checkpoint, CancellationToken cancellationToken) =>
        (await Safetensors.ReadAsync(source, source.Length, $"{checkpoint.Prefix}/{CheckpointManifest.WeightsFile}", cancellationToken)).Values;
}
