using System.Runtime.InteropServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Prediction;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Attempts;

/// <summary>What the end of an attempt by an exception means: whether trying again can help, and what to tell people.</summary>
public static class FailureReasons
{
    private static readonly string[] s_outOfMemory = ["out of memory", "can't allocate memory", "not enough memory", "alloc_failed"];

    public static TrainerOutcome Outcome(Exception exception)
    {
        if (IsOutOfMemory(exception))
        {
            return new TrainerOutcome(TrainerEnd.Failed,
                $"Out of memory: {FirstLine(exception)} Lower train.batch_size or dataset.train.crop (of a prediction: --tile), or use a device " +
                    "with more memory.", Retryable: false);
        }
        if (exception is DatasetUnseenException)
            return new TrainerOutcome(TrainerEnd.Refused, exception.Message, Retryable: true);
        var reason = IsOurs(exception) ? exception.Message : $"{exception.GetType().Name}: {FirstLine(exception)}";
        // Another machine may have the room that this one lacks.
        if (MachineFaults.IsFullDisk(exception))
            return new TrainerOutcome(TrainerEnd.Refused, $"{Environment.MachineName}: {reason}", Retryable: true, Suspect.Machine);
        return new TrainerOutcome(TrainerEnd.Failed, reason, Retryable: !IsUsersError(exception), MachineFaults.Suspected(exception));
    }

    /// <summary>The same input would fail the same way.</summary>
    private static bool IsUsersError(Exception exception) => exception is ConfigurationException or DatasetMismatchException or DatasetMissingException
        or DatasetChangedException or SampleRejectedException or ShardCorruptException or ImageException or ImageTooSmallException or CheckpointInvalidException
        or CheckpointMismatchException or DivergedException or OutputNotFiniteException or UnknownModelException or StoreUriException
        or StorageRefusedException or ObjectReplacedException or RasterPairException
            or SceneMissingException or PredictionRequestException or NotSupportedException;

    private static bool IsOurs(Exception exception) => exception.GetType().Namespace?.StartsWith(nameof(ChangeDetection), StringComparison.Ordinal) == true;

    /// <summary>libtorch reports either memory, the host's and the GPU's, in an exception of one general kind; only the message distinguishes it.</summary>
    private static bool IsOutOfMemory(Exception exception) => exception is OutOfMemoryException
        || (exception is ExternalException && s_outOfMemory.Any(words => exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));

    private static string FirstLine(Exception exception)
    {
        var end = exception.Message.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
