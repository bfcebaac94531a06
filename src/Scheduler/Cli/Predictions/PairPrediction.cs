using System.Globalization;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>A prediction on one pair.</summary>
internal sealed class PairPrediction(Terminal terminal, PredictSettings settings)
{
    public async Task<int> RunAsync(ScenePair pair, CancellationToken cancellationToken)
    {
        var results = ResultFiles.Of(settings.Out, settings.Probability.OfPair(), settings.Polygons.OfPair(), settings.Overlay.OfPair());
        pair.Check(settings.Wgs84, settings.MinArea, settings.Polygons.Path);
        await using var run = await PredictionRun.BeginAsync(terminal, settings, cancellationToken);
        var warnings = pair.CheckAgainst(run.Manifest);
        foreach (var warning in warnings)
            terminal.Warn(warning);
        var artifacts = await run.QueueAsync(async request => request with
        {
            Before = await SceneUpload.DescribeAsync(terminal, run.Uploads, "before", pair.Before, cancellationToken),
            After = await SceneUpload.DescribeAsync(terminal, run.Uploads, "after", pair.After, cancellationToken),
            NoData = pair.NoData,
            Alpha = pair.Alpha,
            Rescale = pair.Rescaling?.ToString(),
        }, warnings, cancellationToken);
        await results.FetchAsync(run.Store, artifacts, cancellationToken);
        if (settings.Json)
            terminal.Document(OutputJson.Write(new { run = run.Id, files = results.Paths, warnings }));
        else
        {
            foreach (var path in results.Paths.Values)
                terminal.Result(path);
            terminal.Say(Changed(artifacts.First(artifact => artifact.Name == PredictionOutputs.Classes.Name)));
        }
        return ExitCode.Done;
    }

    /// <summary>How much has changed, by the figures that stand with a file.</summary>
    public static string Changed(ArtifactRecord artifact)
    {
        using var figures = System.Text.Json.JsonDocument.Parse(artifact.Metrics);
        var area = figures.RootElement.TryGetProperty("changed_area_m2", out var metres)
            ? string.Create(CultureInfo.InvariantCulture, $", {metres.GetDouble():0.#} m²") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{figures.RootElement.GetProperty("changed_pixels").GetDouble():0} pixels have changed, " +
                $"{figures.RootElement.GetProperty("changed_share").GetDouble():0.00 %} of those that both dates show{area}");
    }
}
