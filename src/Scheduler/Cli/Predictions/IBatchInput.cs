using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The pairs of a batch, on the side of the command line.</summary>
internal interface IBatchInput
{
    int Count { get; }

    /// <summary>What can be known before there is a system or a checkpoint.</summary>
    /// <exception cref="CommandException">Files do not fit each other or what is asked of them; the first of them are named.</exception>
    void Check(PredictSettings settings);

    /// <summary>Whether they are such as the network was trained on.</summary>
    /// <returns>Warnings about values that lie far off those of the training.</returns>
    /// <exception cref="CommandException">They are not.</exception>
    /// <exception cref="DatasetMismatchException">A data set is not.</exception>
    IReadOnlyList<string> CheckAgainst(CheckpointManifest trained);

    /// <summary>Brings them to where workers find them.</summary>
    Task<PredictionRequest> DescribeAsync(
        Terminal terminal, RunUploads uploads, PredictionRequest request, bool overlay, CancellationToken cancellationToken);
}
