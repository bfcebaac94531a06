using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary><c>predict</c>: queues a prediction on a whole scene, waits for it, and fetches its files.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var checkpoint = new Option<string>("--checkpoint")
        {
            Required = true,
            Description = "A run, whose best checkpoint is taken, or a safetensors file with its manifest.json beside it.",
        };
        var scene = new SceneArguments();
        var output = new Option<string>("--out")
        {
            Required = true,
            Description = "Class map to write, a GeoTIFF: 0 no change, 1 change (of several kinds: 1, 2, …), 255 no data.",
        };
        var probability = new Option<string?>("--probability") { Description = "Probability map to write, a GeoTIFF of float32." };
        var polygons = new Option<string?>("--polygons") { Description = "Outlines of changes to write, GeoJSON in the scene's coordinates." };
        var overlay = new Option<string?>(
            "--overlay") { Description = "Picture to write, a PNG: the later date with changes in colour, at most 2048 pixels a side." };
        var threshold = new Option<double>("--threshold")
        {
            DefaultValueFactory = _ => PredictionRequest.DefaultThreshold,
            Description = "Probability above which a pixel counts as changed.",
        };
        var tile = new Option<int?>(
            "--tile") { Description = "Side of the windows in pixels, a multiple of 16: larger ones take more memory, smaller ones more time." };
        var priority = new Option<int>(
            "--priority") { DefaultValueFactory = _ => new ResourcesConfig().Priority, Description = "0 to 9, higher is sooner." }.Within(0, 9);
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("predict", "Predict change on a whole scene: queued like training, and fetched when it is done.")
        {
            checkpoint, output, probability, polygons, overlay, threshold, tile, priority, dataDir, json,
        };
        scene.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Before anything is sent: a scene may be gigabytes.
            if (PredictionRequest.ProblemOf(parsed.GetValue(threshold), parsed.GetValue(tile)) is { } problem)
                throw new CommandException($"--{problem}. Nothing was queued.");
            var results = ResultFiles.Of(parsed.GetRequiredValue(output), parsed.GetValue(probability), parsed.GetValue(polygons), parsed.GetValue(overlay));
            var pair = scene.Of(parsed);
            pair.Check();
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "predict", cancellationToken);
            if (!system.IsUp)
                throw new CommandException("predict needs a system that is up: start 'changedetection up' in another terminal. Nothing was queued.");

            var run = Guid.CreateVersion7();
            var chosen = await CheckpointArgument.ResolveAsync(system, parsed.GetRequiredValue(checkpoint), CheckpointChoice.Best, cancellationToken);
            var warnings = pair.CheckAgainst(await chosen.ReadManifestAsync(system, cancellationToken));
            foreach (var warning in warnings)
                terminal.Warn(warning);
            await using var uploads = new RunUploads(system, run);
            var brought = await chosen.BringAsync(uploads, cancellationToken);
            var request = new PredictionRequest
            {
                Checkpoint = (chosen.Published ?? brought!).Reference,
                Before = await SceneUpload.DescribeAsync(terminal, uploads, "before", pair.Before, cancellationToken),
                After = await SceneUpload.DescribeAsync(terminal, uploads, "after", pair.After, cancellationToken),
                Threshold = parsed.GetValue(threshold),
                Probability = results.Wants(PredictionOutputs.Probability),
                Polygons = results.Wants(PredictionOutputs.Polygons),
                Tile = parsed.GetValue(tile),
                NoData = pair.NoData,
                Alpha = pair.Alpha,
                Rescale = pair.Rescaling?.ToString(),
                Warnings = warnings.Count > 0 ? warnings : null,
                Resources = new ResourcesConfig { Priority = parsed.GetValue(priority) },
            };
            var plan = PredictionPlanner.Plan(run, request, brought, TimeProvider.System.GetUtcNow());
            await new ExperimentStore(system.Database).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
            terminal.Say($"run {run} is queued; its files stay on its page, also when this command is stopped");

            var ended = (await ProgressWatch.UntilEndedAsync(terminal, system, plan.Experiment.Id, cancellationToken)).Runs[0];
            if (ended.State is not RunState.Succeeded)
                throw new CommandException($"run {run} {ended.State.Word()}: {ended.Reason}", ExitCode.Failed);
            var artifacts = await new ArtifactStore(system.Database).ListAsync(run, cancellationToken);
            await results.FetchAsync(uploads.Store, artifacts, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new { run, files = results.Paths, warnings }));
            else
                Print(terminal, results, artifacts);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, ResultFiles results, IReadOnlyList<ArtifactRecord> artifacts)
    {
        foreach (var path in results.Paths.Values)
            terminal.Result(path);
        using var figures = System.Text.Json.JsonDocument.Parse(artifacts.First(artifact => artifact.Name == PredictionOutputs.Classes.Name).Metrics);
        terminal.Say(string.Create(CultureInfo.InvariantCulture,
            $"{figures.RootElement.GetProperty("changed_pixels").GetDouble():0} pixels have changed, " +
                $"{figures.RootElement.GetProperty("changed_share").GetDouble():0.00 %} of those that both dates show"));
    }
}
