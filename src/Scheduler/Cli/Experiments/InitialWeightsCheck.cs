using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Checkpoints;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>What <c>model.init</c> of a config that is submitted means: the exact weights, whatever the run that is named does later.</summary>
internal static class InitialWeightsCheck
{
    /// <summary>The config with the address of the run's best checkpoint in place of its id.</summary>
    /// <exception cref="CommandException">There is no such run, it has no checkpoint, or it is of another network.</exception>
    public static async Task<ExperimentConfig> ResolveAsync(SystemConnection system, ExperimentConfig config, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(config.Model.Init.From, "D", out var id))
            return config;
        var runs = new RunStore(system.Database);
        if (await runs.FindAsync(id, cancellationToken) is not { } run)
            throw new CommandException($"model.init: there is no run {id}. 'changedetection list' shows what there is.");
        if (await new CheckpointStore(system.Database).FindAsync(id, CheckpointChoice.Best, cancellationToken) is not { } checkpoint)
            throw new CommandException(
                $"model.init: run {id} ({run.State.Word()}) has no checkpoint yet. Submit this when it has one; 'changedetection checkpoint list " +
                $"{id}' shows them.");
        var trained = ExperimentJson.Deserialize((await runs.ConfigAsync(id, cancellationToken)).Config).Model;
        // Parts of one network may be another's too: whether they are, the comparison says.
        if (config.Model.Init is { Only: [], Rename: [] } && (trained.Name, trained.Channels) != (config.Model.Name, config.Model.Channels))
        {
            throw new CommandException(
                $"model.init: run {id} is of {trained.Name} with {trained.Channels} channels per date, and this config asks for " +
                    $"{config.Model.Name} with {config.Model.Channels}. Start from a run of the same network.");
        }
        var address = $"{system.Store.AbsoluteUri.TrimEnd('/')}/{checkpoint.Prefix}/{CheckpointManifest.WeightsFile}";
        return config with { Model = config.Model with { Init = config.Model.Init with { From = address } } };
    }

    /// <summary>Compares the weights with the network, of a matrix with each of its networks, and says what will be taken of them.</summary>
    /// <exception cref="CommandException">They do not fit, or are not there.</exception>
    public static async Task CompareAsync(Terminal terminal, ExperimentConfig config, CancellationToken cancellationToken)
    {
        foreach (var one in ExperimentMatrix.Expand(config).Where(run => !run.Model.Init.IsFresh).DistinctBy(run => run.Model with { Dropout = 0 }))
        {
            foreach (var note in await NetworkQuestion.RequireFitAsync(terminal, one, file: null, cancellationToken))
                terminal.Say($"model.init: {note}");
        }
    }
}
