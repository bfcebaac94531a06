using System.CommandLine;
using ChangeDetection.Core.Planning;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary><c>predict</c>: queues a prediction on a scene or on many pairs, waits for it, and fetches its files.</summary>
internal static class PredictCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new PredictOptions();
        var images = new ImageArguments();
        var batch = new BatchArguments();
        var command = new Command(
            "predict",
            "Predict change: on one pair of images of any size (--before, --after), on all pairs of a folder (SOURCE --layout), or on a split of a data set " +
            "(--dataset, --split). Queued like training, and fetched when it is done.");
        batch.AddTo(command);
        images.AddTo(command);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Before anything is sent: a scene may be gigabytes.
            var settings = options.Of(parsed);
            if (PredictionRequest.ProblemOf(settings.Threshold, settings.Tile) is { } problem)
                throw new CommandException($"--{problem}. Nothing was queued.");
            return await (batch.IsGiven(parsed)
                ? new BatchPrediction(terminal, settings).RunAsync(await batch.OfAsync(parsed, images, settings, cancellationToken), cancellationToken)
                : new PairPrediction(terminal, settings).RunAsync(images.PairOf(parsed), cancellationToken));
        });
        return command;
    }
}
