using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training.Losses;
using ChangeDetection.Worker.Training.Optimizers;
using ChangeDetection.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Check;

/// <summary>The steps <c>throughput</c>: how long the trainer's step takes on batches that are in memory, and what memory it needs.</summary>
internal static class ThroughputCheck
{
    private const long Seed = 7;

    public static StepFinding Measure(string name, string model, int threads)
    {
        // A processor would take minutes for what a GPU does in a second.
        var (pairs, side, enough) = name == "cpu" ? (2, 64, TimeSpan.FromSeconds(2)) : (8, 256, TimeSpan.FromSeconds(8));
        var config = Config(model, pairs, threads);
        var device = ComputeDevice.Open(name, threads, config.Train.Deterministic);
        var free = FreeMemory(device);
        using var network = ModelCatalogue.Create(config.Model, config.Seed);
        network.to(device.Torch);
        using var optimizer = OptimizerCatalogue.Create(network, config.Optimizer);
        using var link = new KeptLink();
        var batches = new TimedBatches(pairs, side, enough, link);
        var data = new TrainingData
        {
            ReadEpoch = (_, _, _) => batches.ReadAsync(),
            SamplesPerEpoch = pairs * TimedBatches.MostSteps,
            StepsPerEpoch = TimedBatches.MostSteps,
            ReadValidation = null,
        };
        var folder = Directory.CreateTempSubdirectory("changedetection-check-");
        try
        {
            var state = new TrainingState(network, optimizer);
            var normalization = new CheckpointNormalization("unit", null, null);
            var owner = new CheckpointOwner(Guid.NewGuid(), 1, ExperimentDigest.Of(config), CheckpointModel.Of(config.Model), normalization, device.Numerics);
            var time = TimeProvider.System;
            var publisher = new CheckpointPublisher(new CheckpointWriter(new FileObjectStore(folder.FullName), owner, time), link);
            var loss = LossCatalogue.Create(config.Loss, changeFraction: 0.1);
            new Trainer(config, state, data, loss, device, publisher, link, time).Train(CancellationToken.None);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return Finding(pairs, side, batches.StepSeconds, FreeMemory(device) is { } left && free is { } before ? before - left : null);
    }

    private static StepFinding Finding(int pairs, int side, IReadOnlyList<double> steps, long? deviceBytes)
    {
        var ordered = steps.Skip(TimedBatches.WarmUp).Order().ToList();
        var median = ordered[ordered.Count / 2];
        var figures = new Dictionary<string, double>
        {
            ["batch"] = pairs,
            ["side"] = side,
            ["steps"] = ordered.Count,
            ["first_step_seconds"] = steps[0],
            ["step_ms"] = median * 1000,
            ["fastest_step_ms"] = ordered[0] * 1000,
            ["pairs_per_second"] = pairs / median,
            ["host_peak_mib"] = PeakResidentKiB() / 1024.0,
        };
        if (deviceBytes is { } bytes)
            figures["device_mib"] = bytes / 1048576.0;
        var memory = deviceBytes is null
            ? FormattableString.Invariant($"{figures["host_peak_mib"]:0} MiB")
            : FormattableString.Invariant($"{figures["device_mib"]:0} MiB on the device, {figures["host_peak_mib"]:0} MiB of the host");
        return new StepFinding
        {
            Summary = FormattableString.Invariant(
                $"{pairs} x {side}x{side}: {median * 1000:0.0} ms a step (median of {ordered.Count}), {pairs / median:0.0} pairs/s, {memory}"),
            Figures = figures,
        };
    }

    private static ExperimentConfig Config(string model, int pairs, int threads) => new()
    {
        Name = "throughput",
        Seed = Seed,
        Dataset = new() { Uri = new Uri("file:///none"), Validate = null, Test = null },
        Model = new() { Name = model },
        Train = new() { BatchSize = pairs, Epochs = 1 },
        Checkpoint = new() { EveryMinutes = 1000 },
        Resources = new() { Threads = threads },
    };

    private static long? FreeMemory(ComputeDevice device)
    {
        if (device.Torch.type != DeviceType.CUDA)
            return null;
        // The first tensor makes the device's context, which is not the network's doing.
        zeros(1, device: device.Torch).Dispose();
        cuda.synchronize();
        return CudaDriver.Memory().Free;
    }

    private static long PeakResidentKiB()
    {
        const string peak = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(peak, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[peak.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
