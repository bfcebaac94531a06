using Microsoft.Extensions.Logging;

namespace ChangeDetection.Scheduler;

/// <summary>Every log message of the scheduler.</summary>
internal static partial class SchedulerLog
{
    [LoggerMessage(101, LogLevel.Warning, "reconciler: {Reason}; trying again")]
    public static partial void ReconcilerRetries(ILogger logger, string reason);

    [LoggerMessage(103, LogLevel.Error, "reconciler: a round failed; the next begins anew")]
    public static partial void ReconcilerFailed(ILogger logger, Exception exception);

    [LoggerMessage(102, LogLevel.Information, "scheduler is ready")]
    public static partial void Ready(ILogger logger);
}
