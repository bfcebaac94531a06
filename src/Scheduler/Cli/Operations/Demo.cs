using System.Globalization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.SingleMachine;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary>
/// The tour: generated scenes are packed into shards, an experiment on them is submitted, two workers train and evaluate it, and the score,
/// a picture, the checkpoint and the dashboard's address are shown. Nothing in it is special: the same processes and verbs as anywhere.
/// </summary>
internal sealed class Demo(string folder, Terminal terminal)
{
    private const int Pairs = 240;
    private const int Size = 128;
    private const int Seed = 7;
    private const int Workers = 2;

    /// <summary>Sized for a few minutes on two cores.</summary>
    private const string ConfigText =
        """
        version: 1
        name: demo-fc-siam-diff
        seed: 7
        dataset:
          uri: dataset
          train: { split: train }
          validate: { split: val }
          test: { split: test }
        normalize: dataset
        model: { name: fc-siam-diff, channels: 3, dropout: 0.05 }
        loss: { name: nll, class_weights: [0.3, 0.7] }
        optimizer: { name: adam, lr: 2e-3 }
        schedule: { name: exponential, gamma: 0.9 }
        train: { batch_size: 4, epochs: 16 }
        evaluate: { from: best, pictures: 6 }
        """;

    public async Task<int> RunAsync(bool keep, CancellationToken cancellationToken)
    {
        terminal.Result($"A demonstration in {folder}");
        await using var system = await LocalSystem.StartAsync(
            new LocalSystemOptions(SystemSettings.Read(folder), Workers, Port: null, Slots: null), "demo", terminal.Result, cancellationToken);
        await PrepareDatasetAsync(cancellationToken);

        var plan = await SubmitAsync(system, cancellationToken);
        terminal.Result($"experiment: {plan.Experiment.Id}; its progress stands below and in the dashboard");
        ExperimentDocument ended;
        await using (var connection = await SystemConnection.OpenAsync(terminal, folder, "demo", cancellationToken))
        {
            ended = await ProgressWatch.UntilEndedAsync(terminal, connection, plan.Experiment.Id, cancellationToken);
            await SummarizeAsync(connection, system, ended, cancellationToken);
        }
        if (keep)
        {
            terminal.Result($"The system stays up: {system.Dashboard} (Ctrl-C stops it)");
            await UpCommand.UntilStoppedAsync(cancellationToken);
        }
        return ended.Runs.All(run => run.State is RunState.Succeeded) ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task PrepareDatasetAsync(CancellationToken cancellationToken)
    {
        var store = new FileObjectStore(Path.Combine(folder, "dataset"));
        if (await store.LengthAsync(new ObjectKey(DatasetManifest.FileName), cancellationToken) is not null)
            return;
        terminal.Result($"data set:   {Pairs} generated pairs of {Size}x{Size}");
        var scenes = Path.Combine(folder, "scenes");
        if (!Directory.Exists(scenes))
            await SyntheticDataset.WriteAsync(scenes, Pairs, Seed, Size, progress: null, cancellationToken);
        var packer = new DatasetPacker(DatasetLayouts.Find("sysu"), new PackOptions { Name = "generated-scenes", Tool = "changedetection demo" });
        await packer.PackAsync(scenes, store, progress: null, cancellationToken);
    }

    private async Task<ExperimentPlan> SubmitAsync(LocalSystem system, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "demo.yaml");
        await File.WriteAllTextAsync(file, ConfigText, cancellationToken);
        var plan = ExperimentPlanner.Plan(ExperimentConfigReader.ReadFile(file), ConfigText, TimeProvider.System.GetUtcNow());
        await using var database = DataSources.Create(system.Database, "changedetection demo");
        await new ExperimentStore(database).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
        return plan;
    }

    private async Task SummarizeAsync(SystemConnection connection, LocalSystem system, ExperimentDocument ended, CancellationToken cancellationToken)
    {
        var training = ended.Runs.First(run => run.Kind is RunKind.Train);
        var evaluation = ended.Runs.First(run => run.Kind is RunKind.Evaluate);
        terminal.Result("");
        foreach (var run in ended.Runs.Where(run => run.State is not RunState.Succeeded))
            terminal.Result($"{run.Name} {run.State.ToString().ToLowerInvariant()}: {run.Reason}");
        if (evaluation.Metrics.TryGetValue("test/f1", out var f1))
        {
            terminal.Result(string.Create(CultureInfo.InvariantCulture,
                $"test F1 {f1:0.00} (precision {evaluation.Metrics["test/precision"]:0.00}, recall {evaluation.Metrics["test/recall"]:0.00})"));
        }
        foreach (var picture in evaluation.Artifacts?.Where(artifact => artifact.ContentType.StartsWith("image/", StringComparison.Ordinal)).Take(1) ?? [])
            terminal.Result($"picture:    {Place(picture.Location)}");
        foreach (var report in evaluation.Artifacts?.Where(artifact => artifact.Name == RunObject.ReportPage) ?? [])
            terminal.Result($"report:     {Place(report.Location)}");
        if (await new CheckpointStore(connection.Database).FindAsync(training.Id, CheckpointChoice.Best, cancellationToken) is { } best)
            terminal.Result($"checkpoint: {Place(new Uri($"{connection.Store.AbsoluteUri.TrimEnd('/')}/{best.Prefix}/{CheckpointManifest.WeightsFile}"))}");
        terminal.Result($"dashboard:  {system.Dashboard}runs/{training.Id}");
        terminal.Result($"show again: changedetection up --data-dir {folder}");
    }

    private static string Place(Uri stored) => stored.IsFile ? stored.LocalPath : stored.AbsoluteUri;
}
