using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>A prediction on many pairs, as one run.</summary>
internal sealed class BatchPrediction(Terminal terminal, PredictSettings settings)
{
    /// <summary>So many warnings are printed.</summary>
    private const int Shown = 5;

    public async Task<int> RunAsync(IBatchInput batch, CancellationToken cancellationToken)
    {
        foreach (var file in (WantedFile[])[settings.Probability, settings.Polygons, settings.Overlay])
            file.OfBatch();
        var results = BatchFolder.Of(settings.Out);
        batch.Check(settings);
        await using var run = await PredictionRun.BeginAsync(terminal, settings, cancellationToken);
        var warnings = batch.CheckAgainst(run.Manifest);
        foreach (var warning in warnings.Take(Shown))
            terminal.Warn(warning);
        if (warnings.Count > Shown)
            terminal.Warn($"and {warnings.Count - Shown} more like these");
        var artifacts = await run.QueueAsync(
            async request => await batch.DescribeAsync(terminal, run.Uploads, request, settings.Overlay.IsWanted, cancellationToken), warnings,
            cancellationToken);
        await results.FetchAsync(run.Store, artifacts, cancellationToken);
        if (settings.Json)
            terminal.Document(OutputJson.Write(new { run = run.Id, folder = results.Path, summary = results.Summary, pairs = batch.Count, warnings }));
        else
        {
            terminal.Result(results.Path);
            terminal.Say($"{batch.Count} pairs: {PairPrediction.Changed(artifacts.First(artifact => artifact.Name == PredictionOutputs.Summary.Name))}");
        }
        return ExitCode.Done;
    }
}
