using System.Globalization;
using ChangeDetection.Bench.Loader;
using ChangeDetection.Bench.Step;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Bench.Memory;

/// <summary>
/// <c>trainer-memory</c>: peak anonymous memory of a trainer, a real process started as the worker starts it, after the same number of steps
/// on a data set and on one twenty times as large. The medians may differ by 5 %: memory is bounded by the configuration, never by the data set.
/// </summary>
internal static class TrainerMemory
{
    private const int Times = 20;
    private const int Size = 128;
    private const int Crop = 32;
    private const int BatchSize = 4;
    private const int Epochs = 1;
    private const long ShardBytes = 1 << 20;
    private const double Allowed = 1.05;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        // The small one fills a window of shards and the bytes read ahead, so that whatever the larger one takes more of is its size's doing.
        var (rounds, samples) = (options.Int("rounds", 3), options.Int("samples", 256));
        var scratch = Directory.CreateTempSubdirectory("changedetection-bench-");
        try
        {
            var (small, large) = (Path.Combine(scratch.FullName, "small"), Path.Combine(scratch.FullName, "large"));
            await BenchDataset.PackAsync(small, samples, ShardBytes, Size);
            await BenchDataset.PackAsync(large, samples * Times, ShardBytes, Size);
            var (ones, others) = (new List<double>(), new List<double>());
            for (var round = 1; round <= rounds; round++)
            {
                ones.Add(await PeakAsync(small, samples, Path.Combine(scratch.FullName, $"store-{round}-small")));
                others.Add(await PeakAsync(large, samples, Path.Combine(scratch.FullName, $"store-{round}-large")));
                Console.WriteLine(Text($"round {round}: RssAnon peak {ones[^1]:0.0} MiB with {samples} samples, {others[^1]:0.0} MiB with {samples * Times}"));
            }
            var (one, other) = (StepBenchmark.Median(ones), StepBenchmark.Median(others));
            Console.WriteLine(Text($"medians of {rounds}: {one:0.0} MiB and {other:0.0} MiB, ratio {other / one:0.000}, allowed {Allowed:0.00}"));
            return other / one <= Allowed ? 0 : 1;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static Task<double> PeakAsync(string dataset, int samplesPerEpoch, string store)
    {
        var config = BenchDataset.Config(dataset, samplesPerEpoch, new LoaderConfig { ReadAheadMb = 4 });
        return PeakAsync(config with
        {
            Dataset = config.Dataset with { Train = config.Dataset.Train with { Crop = Crop } },
            Train = new() { BatchSize = BatchSize, Epochs = Epochs },
        }, store);
    }

    /// <summary>Trains in a process of its own, and returns its peak in MiB.</summary>
    public static Task<double> PeakAsync(ExperimentConfig config, string store) => PeakAsync(Assignment(config, store));

    /// <summary>Does an attempt in a process of its own, and returns its peak in MiB.</summary>
    public static async Task<double> PeakAsync(TrainerAssignment assignment)
    {
        var worker = Executables.Locate(Executables.Worker);
        await using var trainer = TrainerProcess.Start(
            new(worker.Program, [.. worker.LeadingArguments, "trainer"]), assignment, new Slot("cpu", "cpu"), cache: null);
        using var over = new CancellationTokenSource();
        var memory = new OutOfMemoryKills().Of(trainer.Pid);
        var sampling = AnonymousMemory.PeakAsync(trainer.Pid, over.Token);
        var errors = Task.Run(async () =>
        {
            await foreach (var _ in trainer.ErrorLinesAsync())
            {
            }
        });
        await trainer.SendAsync(new AssignmentMessage(assignment), CancellationToken.None);
        TrainerOutcome? outcome = null;
        await foreach (var message in trainer.MessagesAsync())
        {
            if (message is CheckpointMessage { Checkpoint: var offer })
                await trainer.SendAsync(new CheckpointAnswer(offer.Prefix), CancellationToken.None);
            else if (message is EndMessage end)
                outcome = end.Outcome;
        }
        await over.CancelAsync();
        await errors;
        var peak = await sampling / 1024.0;
        var exitCode = await trainer.WaitForExitAsync(CancellationToken.None);
        return outcome?.End is TrainerEnd.Succeeded
            ? peak
            : throw new InvalidOperationException(outcome?.Reason ?? trainer.PostMortem(exitCode, memory, hungFor: null).Judge().Cause);
    }

    private static TrainerAssignment Assignment(ExperimentConfig config, string store) => new()
    {
        Run = Guid.CreateVersion7(),
        Attempt = 1,
        Kind = RunKind.Train,
        Config = config with
        {
            Checkpoint = new() { Metric = MetricNames.TrainLoss, Mode = OptimumMode.Min },
            Evaluate = null,
            Resources = new() { Threads = 1 },
        },
        Store = new FileObjectStore(store).Root,
        Device = "cpu",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
