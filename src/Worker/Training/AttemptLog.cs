using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// What a healthy attempt writes into its run's log: a line at the start, which says on what it works, and one for each epoch and checkpoint.
/// </summary>
internal static class AttemptLog
{
    public static string Training(ExperimentConfig config, ChangeNetwork network, Numerics numerics, RunDataLoader streams)
    {
        var (train, steps) = (streams.Roles.Train, streams.Training.StepsPerEpoch);
        var validation = streams.Roles.Validate is { } split ? $"; validated on {Samples(streams, split)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"training {Network(config.Model.Name, network)} {On(numerics)}: {config.Train.Epochs} epochs of " +
                $"{streams.Training.SamplesPerEpoch:N0} samples in {steps:N0} steps, from {Samples(streams, train)} in " +
                $"{Data(config, streams)}{validation}");
    }

    public static string Evaluating(
        ExperimentConfig config, ChangeNetwork network, CheckpointManifest weights, Numerics numerics, RunDataLoader streams) =>
        string.Create(CultureInfo.InvariantCulture,
            $"evaluating {Network(config.Model.Name, network)} of run {weights.Run}, step {weights.Step}, {On(numerics)}: " +
                $"{Samples(streams, streams.Roles.Test!)} in {Data(config, streams)}");

    public static string Predicting(CheckpointManifest weights, ChangeNetwork network, Numerics numerics, long width, long height, int strips, int done) =>
        string.Create(CultureInfo.InvariantCulture,
            $"predicting with {Network(weights.Model.Name, network)} of run {weights.Run}, step {weights.Step}, {On(numerics)}: {width} x " +
                $"{height} pixels in {strips} strips, {done} of them done before");

    /// <param name="metrics">Those of the epoch: its loss, and the validation's.</param>
    /// <param name="best">Whether the metric that checkpoints are kept by was never better.</param>
    public static string Epoch(ExperimentConfig config, int number, TimeSpan took, IReadOnlyDictionary<string, double> metrics, bool best)
    {
        var told = new[] { "train/loss", "val/loss", config.Checkpoint.Metric }.Distinct().Where(metrics.ContainsKey)
            .Select(name => string.Create(
                CultureInfo.InvariantCulture, $"{name} {metrics[name]:0.####}{(best && name == config.Checkpoint.Metric ? " (best so far)" : "")}"));
        return string.Create(CultureInfo.InvariantCulture, $"epoch {number} of {config.Train.Epochs}, {took.TotalSeconds:0.#} s: {string.Join(", ", told)}");
    }

    public static string Checkpoint(long step, long bytes, string prefix, bool best) =>
        string.Create(CultureInfo.InvariantCulture, $"checkpoint at step {step}{(best ? ", the best so far" : "")}, {bytes / 1e6:0.#} MB: {prefix}");

    private static string Network(string name, ChangeNetwork network) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} ({network.parameters().Sum(parameter => parameter.numel()):N0} parameters)");

    private static string On(Numerics numerics) =>
        $"on {numerics.Device} ({numerics.Threads} {(numerics.Threads == 1 ? "thread" : "threads")}, {numerics.Isa}, libtorch {numerics.Libtorch})";

    private static string Samples(RunDataLoader streams, string split) =>
        string.Create(CultureInfo.InvariantCulture, $"{streams.Manifest.Splits[split].Samples:N0} samples of split {split}");

    private static string Data(ExperimentConfig config, RunDataLoader streams) =>
        $"{streams.Manifest.Name} ({(config.Dataset.Uri.IsFile ? config.Dataset.Uri.LocalPath : config.Dataset.Uri.AbsoluteUri)})";
}
