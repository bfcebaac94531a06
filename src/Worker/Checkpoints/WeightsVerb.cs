using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Core.Storage;
using ChangeDetection.Weights;
using ChangeDetection.Weights.Naming;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>
/// <c>weights compare [FILE]</c>, asked by the command line: whether the network of a config, which comes on standard input, can take the weights of its
/// <c>model.init</c>; or those of FILE, where they are not yet where it says. The answer is a <see cref="WeightsComparison"/> on standard output.
/// </summary>
public static class WeightsVerb
{
    private const int Wrong = 2;

    public static async Task<int> RunAsync(string[] args, TextReader input, TextWriter output)
    {
        if (args is not (["compare"] or ["compare", _]))
        {
            await Console.Error.WriteLineAsync("error: usage: weights compare [FILE]");
            return Wrong;
        }
        NativeContext.SilenceWarnings();
        var config = ExperimentJson.Deserialize(await input.ReadToEndAsync());
        await output.WriteLineAsync((await CompareAsync(config, args.ElementAtOrDefault(1))).ToJson());
        return 0;
    }

    /// <param name="path">The file, in place of what <c>model.init</c> says; null: that.</param>
    internal static async Task<WeightsComparison> CompareAsync(ExperimentConfig config, string? path)
    {
        var init = config.Model.Init;
        try
        {
            var file = path is null
                ? (await StoredWeights.ReadAsync(init, StorageSettings.OfEnvironment(privateAddresses: true), CancellationToken.None)).File
                : await ReadAsync(path, init);
            using var network = ModelCatalogue.Create(config.Model, config.Seed);
            var matched = WeightsMatcher.Of(file, network, init.Only, path ?? init.From);
            return new WeightsComparison(null, [.. file.Notes, .. matched.Notes, matched.Summary()]);
        }
        catch (Exception exception) when (exception is CheckpointInvalidException or StoreUriException || StorageFailure.Is(exception))
        {
            return new WeightsComparison(exception.Message, []);
        }
    }

    private static async Task<WeightsFile> ReadAsync(string path, InitialWeightsConfig init)
    {
        await using var stream = File.OpenRead(path);
        var file = await WeightsReader.ReadAsync(stream, stream.Length, path, init.Key, CancellationToken.None);
        return ParameterNames.Rename(file, init.Rename, path);
    }
}
