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
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
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
        terminal.Result("This demonstration brings the whole system up on this machine, generates pairs of images, trains a network to");
        terminal.Result("find what changed between the two, and tests it on pairs it has not seen. It takes some minutes on two cores");
        terminal.Result("and ends by itself.");
        terminal.Result("");
        terminal.Result($"folder:     {folder} (everything is in it)");
        await using var system = await LocalSystem.StartAsync(
            new LocalSystemOptions(SystemSettings.Read(folder), Workers, Port: null, Slots: null), "demo", terminal.Result, cancellationToken);
        await PrepareDatasetAsync(cancellationToken);

        var plan = await SubmitAsync(system, cancellationToken);
        terminal.Result($"experiment: {plan.Experiment.Id}");
        terminal.Result("");
        terminal.Result("Now it trains, then it is tested. As it learns, train/loss (its error) falls, and val/f1 (its score on pairs");
        terminal.Result("that are kept aside, 1 at best) rises. The dashboard shows more.");
        ExperimentDocument ended;
        await using (var connection = await SystemConnection.OpenAsync(terminal, folder, "demo", cancellationToken))
        {
            ended = await ProgressWatch.UntilEndedAsync(terminal, connection, plan.Experiment.Id, cancellationToken);
            await SummarizeAsync(connection, ended, cancellationToken);
        }
        terminal.Result(keep
            ? $"dashboard:  {system.DashboardPage($"runs/{Training(ended).Id}")} (the system stays up; Ctrl-C stops it)"
            : $"show again: {ProgramCall.Text} up --data-dir {folder}");
        terminal.Result("own images: README.md, \"Your own images, in four steps\": from a folder of image pairs to a network of your own");
        if (keep)
            await UpCommand.UntilStoppedAsync(cancellationToken);
        return ended.Runs.All(run => run.State is RunState.Succeeded) ? ExitCode.Done : ExitCode.Failed;
    }

    private async Task PrepareDatasetAsync(CancellationToken cancellationToken)
    {
        var store = new FileObjectStore(Path.Combine(folder, "dataset"));
        if (await store.LengthAsync(new ObjectKey(DatasetManifest.FileName), cancellationToken) is not null)
            return;
        terminal.Result($"data set:   {Pairs} generated pairs of {Size}x{Size} pixels");
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

    private static RunDocument Training(ExperimentDocument ended) => ended.Runs.First(run => run.Kind is RunKind.Train);

    private async Task SummarizeAsync(SystemConnection connection, ExperimentDocument ended, CancellationToken cancellationToken)
    {
        var evaluation = ended.Runs.First(run => run.Kind is RunKind.Evaluate);
        terminal.Result("");
        foreach (var run in ended.Runs.Where(run => run.State is not RunState.Succeeded))
            terminal.Result($"{run.Name} {run.State.Word()}: {run.Reason}");
        if (evaluation.Metrics.TryGetValue("test/f1", out var f1))
        {
            terminal.Result(string.Create(CultureInfo.InvariantCulture,
                $"test F1 {f1:0.00} (precision {evaluation.Metrics["test/precision"]:0.00}, recall {evaluation.Metrics["test/recall"]:0.00})")
                + ": at 1 every changed pixel would be found, and no other");
        }
        foreach (var picture in evaluation.Artifacts?.Where(artifact => artifact.ContentType.StartsWith("image/", StringComparison.Ordinal)).Take(1) ?? [])
            terminal.Result($"picture:    {Place(picture.Location)} (before, after, what changed, what was found, right and wrong)");
        foreach (var report in evaluation.Artifacts?.Where(artifact => artifact.Name == RunObject.ReportPage) ?? [])
            terminal.Result($"report:     {Place(report.Location)} (a page for the browser)");
        if (await new CheckpointStore(connection.Database).FindAsync(Training(ended).Id, CheckpointChoice.Best, cancellationToken) is { } best)
        {
            var weights = new Uri($"{connection.Store.AbsoluteUri.TrimEnd('/')}/{best.Prefix}/{CheckpointManifest.WeightsFile}");
            terminal.Result($"checkpoint: {Place(weights)} (the trained network)");
        }
    }

    private static string Place(Uri stored) => stored.IsFile ? stored.LocalPath : stored.AbsoluteUri;
}
