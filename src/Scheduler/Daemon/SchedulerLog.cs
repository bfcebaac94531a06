using Microsoft.Extensions.Logging;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Every log message of the scheduler.</summary>
internal static partial class SchedulerLog
{
    [LoggerMessage(101, LogLevel.Warning, "reconciler: {Reason}; trying again")]
    public static partial void ReconcilerRetries(ILogger logger, string reason);

    [LoggerMessage(103, LogLevel.Error, "reconciler: a round failed; the next begins anew")]
    public static partial void ReconcilerFailed(ILogger logger, Exception exception);

    [LoggerMessage(104, LogLevel.Error, "reconciler: the database refuses a round: {Reason}; the next begins anew")]
    public static partial void ReconcilerRefused(ILogger logger, string reason);

    [LoggerMessage(
        105, LogLevel.Error, "reconciler: the queue's tables (schema hangfire) are missing, and this account may not make them: run 'changedetection migrate'")]
    public static partial void TransportMissing(ILogger logger);

    [LoggerMessage(102, LogLevel.Information, "scheduler is ready")]
    public static partial void Ready(ILogger logger);

    [LoggerMessage(110, LogLevel.Information, "collected {Number} leftovers of the store, {Bytes} bytes")]
    public static partial void Collected(ILogger logger, int number, long bytes);

    [LoggerMessage(111, LogLevel.Warning, "{Key} could not be deleted: {Reason} It takes space and nothing else; the next collection tries again")]
    public static partial void LeftoverStays(ILogger logger, string key, string reason);

    [LoggerMessage(112, LogLevel.Warning, "collection broke off: {Reason} The next one begins anew")]
    public static partial void CollectionBrokeOff(ILogger logger, string reason);

    [LoggerMessage(113, LogLevel.Warning, "no store is set, so retired checkpoints stay in it; set CHANGEDETECTION_STORE here as for the workers")]
    public static partial void NothingToCollectFrom(ILogger logger);
}
