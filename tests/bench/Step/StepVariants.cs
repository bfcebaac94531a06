using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Training.Losses;
using ChangeDetection.Worker.Training.Optimizers;

using static TorchSharp.torch;

namespace ChangeDetection.Bench.Step;

/// <summary>Times one variant of the training step and a 2048² matrix product, by turns, in this process.</summary>
internal static class StepVariants
{
    public const string Verb = "step-variant";
    public const string Default = "default";
    public const string Optimised = "optimised";
    private const long Seed = 7;
    private const int ProductSide = 2048;
    private const int WarmUp = 2;
    private const double LearningRate = 1e-4;
    private const double WeightDecay = 1e-4;
    private static readonly ClassWeights s_weights = new(0.1, 0.9);

    public static IReadOnlyList<string> Names { get; } = [Default, Optimised];

    public static int Run(string[] arguments)
    {
        var options = new Options(arguments);
        var (pairs, side, steps) = (options.Int("batch", 4), options.Int("size", 256), options.Int("steps", 4));
        var device = ComputeDevice.Open("cpu", options.Int("threads", 2), Determinism.On);
        using var batch = Draw(pairs, side);
        Func<int, double> step = arguments[0] == Optimised ? OptimisedStep(batch, device) : DefaultStep(batch, device);
        var (stepSeconds, productSeconds, losses) = (new List<double>(), new List<double>(), new List<double>());
        using var left = rand(ProductSide, ProductSide);
        // On a busy machine: `--cpu 1 --threads 1` counts the time that the work took, not the time it waited for a processor.
        Func<double> now = options.Int("cpu", 0) == 1
            ? () => Environment.CpuUsage.TotalTime.TotalSeconds
            : () => Stopwatch.GetElapsedTime(0).TotalSeconds;
        for (var i = 0; i < WarmUp + steps; i++)
        {
            var start = now();
            losses.Add(step(i));
            var stepped = now();
            left.mm(left).Dispose();
            if (i < WarmUp)
                continue;
            stepSeconds.Add(stepped - start);
            productSeconds.Add(now() - stepped);
        }
        var seconds = StepBenchmark.Median(stepSeconds);
        var product = 2.0 * ProductSide * ProductSide * ProductSide / StepBenchmark.Median(productSeconds) / 1e9;
        Console.WriteLine(JsonSerializer.Serialize(new StepTiming(seconds, pairs * StepOperations.Gflop(side) / seconds, product, losses)));
        return 0;
    }

    /// <summary>The trainer's step: channels-last, flipped convolutions, its own Adam.</summary>
    private static Func<int, double> OptimisedStep(Batch batch, ComputeDevice device)
    {
        var network = ModelCatalogue.Create(new ModelConfig(), Seed);
        network.train();
        var optimizer = new Adam(network, WeightDecay);
        var loss = new CrossEntropy(s_weights);
        return i =>
        {
            using var scope = NewDisposeScope();
            device.Seed(i);
            var (before, after, changed, _) = device.Upload(batch);
            var error = loss.Of(network.call(before, after), changed);
            error.backward();
            optimizer.Step(i + 1, LearningRate);
            return error.item<float>();
        };
    }

    /// <summary>The same network, weights, data and draws with TorchSharp's own modules, loss and optimizer in its default memory order.</summary>
    private static Func<int, double> DefaultStep(Batch batch, ComputeDevice device)
    {
        var network = new PlainFcSiamDiff(channels: 3, dropout: 0.2);
        using (var weights = ModelCatalogue.Create(new ModelConfig(), Seed))
            network.load_state_dict(weights.state_dict());
        network.train();
        var optimizer = optim.Adam(network.parameters(), LearningRate, weight_decay: WeightDecay);
        var loss = nn.NLLLoss(tensor([(float)s_weights.Values[0], (float)s_weights.Values[1]]));
        var uploaded = device.Upload(batch);
        var (before, after, changed) = (uploaded.Before.contiguous(), uploaded.After.contiguous(), uploaded.Changed.to(int64));
        return i =>
        {
            using var scope = NewDisposeScope();
            device.Seed(i);
            optimizer.zero_grad();
            var error = loss.call(network.call(before, after), changed);
            error.backward();
            optimizer.step();
            return error.item<float>();
        };
    }

    private static Batch Draw(int pairs, int side)
    {
        var random = new Random((int)Seed);
        float[] Noise() => [.. Enumerable.Range(0, pairs * side * side * 3).Select(_ => random.NextSingle() * 2 - 1)];
        return new Batch
        {
            FirstPosition = 0,
            Count = pairs,
            Height = side,
            Width = side,
            Channels = 3,
            Before = Noise(),
            After = Noise(),
            Mask = [.. Enumerable.Range(0, pairs * side * side).Select(i => (byte)(i % side < side / 8 ? 1 : 0))],
            Keys = [.. Enumerable.Range(0, pairs).Select(i => $"{i}")],
        };
    }
}
