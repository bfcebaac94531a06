using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Weights.Export;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>Makes of a checkpoint's stored weights a file that says what it is.</summary>
internal static class WeightsConversion
{
    /// <summary>What writes the weights, read from the first stream, to the second.</summary>
    /// <param name="subject">The stored weights, for messages.</param>
    /// <exception cref="CommandException">The format cannot carry this network.</exception>
    public static Func<FileStream, Stream, CancellationToken, Task> To(WeightsFormat format, WeightsMeaning meaning, string subject)
    {
        if (format is WeightsFormat.Safetensors)
            return (source, target, token) => Safetensors.ExportAsync(source, target, meaning, subject, token);
        if (format is WeightsFormat.Pth)
            return async (source, target, token) => await PyTorchFile.WriteAsync(target, (await ReadAsync(source, subject, token)).Values, token, meaning);
        if (!NetworkExport.KnownModels.Contains(meaning.Network.Name))
        {
            throw new CommandException(
                $"--format {format.ToString().ToLowerInvariant()} holds a network's computation beside its weights, and that of " +
                    $"{meaning.Network.Name} is not known to this version; "
                + $"that of {string.Join(", ", NetworkExport.KnownModels)} can. Take --format pth or safetensors, which hold the weights of every network.");
        }
        return async (source, target, token) =>
        {
            var network = new NetworkExport(meaning.Network, meaning.Normalization, await ReadAsync(source, subject, token)) { Meaning = meaning };
            await (format is WeightsFormat.Onnx ? OnnxFile.WriteAsync(target, network, token) : TorchScriptFile.WriteAsync(target, network, token));
        };
    }

    private static Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(FileStream source, string subject, CancellationToken cancellationToken) =>
        Safetensors.ReadAsync(source, source.Length, subject, cancellationToken);
}
