using System.CommandLine;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary><c>checkpoint import FILE --model M</c>: a queued run that makes a checkpoint of weights from elsewhere; prints the run's id.</summary>
internal static class CheckpointImportCommand
{
    private const string NoteEvent = "import-note";

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Weights: safetensors, or PyTorch's zip format (.pth, since 1.6). Nothing in it is executed." };
        var model = new Option<string?>("--model")
        {
            Description = "The network whose weights they are (default: what the file says); 'model list' shows them.",
        };
        var channels = new Option<int?>("--channels") { Description = "Its channels per date (default: what the file says, else 3)." };
        var normalize = new Option<string?>("--normalize")
        {
            Description =
                "How images become its input: unit (divided by the type's range), image (by each image's mean and deviation), imagenet (by ImageNet's, " +
                $"after the division), {Normalization.Form} (by these, after the division), dataset:URI (by that data set's). " +
                "Needed where neither the file nor a known run with these weights says it.",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "path=value: an option of the network, as in a config (model.activation=relu); may be given more than once.",
            AllowMultipleArgumentsPerToken = false,
        };
        var names = NamingOptions.Create();
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("import", "Make a checkpoint of weights from elsewhere: a run, whose id everything takes that takes a run.")
        {
            file, model, channels, normalize, names.Rename, names.Key, set, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var (fileName, verified) = await CheckAsync(path, parsed.GetValue(names.Key) ?? "", cancellationToken);
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "checkpoint import", cancellationToken);
            if (!system.IsUp)
                throw new CommandException("An import needs a system that is up: start 'changedetection up' in another terminal. Nothing was queued.");
            var known = await KnownWeights.FindAsync(system, verified.WeightsSha256, cancellationToken);
            var wish = ImportWish.Of(
                terminal, path, verified, known, parsed.GetValue(model), parsed.GetValue(channels), parsed.GetValue(normalize), parsed.GetValue(set) ?? [])
                with
                {
                    Key = parsed.GetValue(names.Key) ?? "",
                    Rename = parsed.GetValue(names.Rename) ?? [],
                };
            var now = TimeProvider.System.GetUtcNow();
            var run = Guid.CreateVersion7(now);
            var key = RunObject.Upload(run, fileName);
            var plan = ImportPlanner.Plan(wish, run, new Uri($"{system.Store.AbsoluteUri.TrimEnd('/')}/{key}"), Environment.CurrentDirectory, now);
            var config = ExperimentJson.Deserialize(plan.Runs[0].ConfigJson);
            var dataset = config.Normalize != Normalization.Dataset ? null : await ShardDataset.OpenAsync(
                ObjectStores.Open(config.Dataset.Uri, StorageSettings.OfEnvironment(privateAddresses: true)), cancellationToken);
            if (dataset is not null)
                DatasetCompatibility.CheckChannels(config, dataset);
            var statistics = dataset?.Manifest.Statistics;
            var chosen = CheckpointNormalization.Of(config.Normalize, statistics?.Mean, statistics?.Deviation);
            KnownWeights.WarnOfOthers(terminal, known, path, chosen, verified.Contents.Meaning);
            await NetworkQuestion.RequireFitAsync(terminal, config, path, cancellationToken);
            await using var uploads = new RunUploads(system, run);
            await uploads.PutAsync(key, path, cancellationToken);
            await new ExperimentStore(system.Database, system.Actor).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
            terminal.Say($"Queued as run {run}.");
            var ended = (await ProgressWatch.UntilEndedAsync(terminal, system, plan.Experiment.Id, cancellationToken)).Runs[0];
            return ended.State is RunState.Succeeded
                ? await TellAsync(terminal, system, ended, config, parsed.GetValue(json), cancellationToken)
                : Fail(terminal, ended);
        });
        return command;
    }

    /// <summary>A file that nobody could read never enters the store. Returns the name it will have there.</summary>
    private static async Task<(string Name, VerifiedFile File)> CheckAsync(string path, string key, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new CommandException($"There is no file '{path}'. Name one of safetensors or PyTorch (.pth).");
        try
        {
            var name = Path.GetFileName(path);
            return (ObjectKeyRules.Violation(name) is null ? name : "weights", await CheckpointFile.ReadAsync(path, key, cancellationToken));
        }
        catch (CheckpointInvalidException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    private static async Task<int> TellAsync(
        Terminal terminal, SystemConnection system, RunDocument run, ExperimentConfig config, bool json, CancellationToken cancellationToken)
    {
        var notes = (run.Events ?? []).Where(entry => entry.Type == NoteEvent).Select(entry => entry.Detail).ToList();
        foreach (var note in notes)
            terminal.Say($"note: {note}");
        var checkpoint = await new CheckpointStore(system.Database).FindAsync(run.Id, CheckpointChoice.Best, cancellationToken);
        if (json)
            terminal.Document(OutputJson.Write(new
            {
                run = run.Id,
                run.Experiment,
                model = config.Model.Name,
                config.Model.Channels,
                normalize = config.Normalize.ToString(),
                sha256 = checkpoint?.WeightsSha256,
                notes,
            }));
        else
            terminal.Result(run.Id.ToString());
        return ExitCode.Done;
    }

    /// <summary>A file that does not fit the network is the user's to mend; a system that died on the way is not.</summary>
    private static int Fail(Terminal terminal, RunDocument run)
    {
        terminal.Error($"run {run.Id} {run.State.Word()}: {run.Reason}");
        return run.Attempts is [.., { Ending: AttemptEnding.Failed }] ? ExitCode.Wrong : ExitCode.Failed;
    }
}
