using ChangeDetection.Core.Runs;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Settings;

/// <summary>Every log message of the worker.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "worker {Worker} is ready: {Slots}")]
    public static partial void Ready(ILogger logger, Guid worker, string slots);

    [LoggerMessage(2, LogLevel.Information, "run {Run} attempt {Attempt}: trainer {Pid} on {Slot}")]
    public static partial void TrainerStarted(ILogger logger, Guid run, int attempt, int pid, string slot);

    public static void AttemptEnded(ILogger logger, Guid run, int attempt, AttemptEnding ending, RunState state, string? detail) =>
        AttemptEnded(logger, run, attempt, ending.ToString().ToLowerInvariant(), detail is null ? "" : $" ({detail})", state.Word());

    [LoggerMessage(3, LogLevel.Information, "run {Run} attempt {Attempt}: {Ending}{Detail}; the run is {State}")]
    private static partial void AttemptEnded(ILogger logger, Guid run, int attempt, string ending, string detail, string state);

    [LoggerMessage(4, LogLevel.Warning, "run {Run} attempt {Attempt}: lease lost, trainer killed, nothing written")]
    public static partial void LeaseLost(ILogger logger, Guid run, int attempt);

    [LoggerMessage(5, LogLevel.Warning, "run {Run} attempt {Attempt}: left while the database is away; its lease will expire")]
    public static partial void AttemptAbandoned(ILogger logger, Guid run, int attempt);

    [LoggerMessage(6, LogLevel.Information, "run {Run}: no slot is free; the queue job goes back")]
    public static partial void NoSlot(ILogger logger, Guid run);

    [LoggerMessage(7, LogLevel.Information, "leaving: {Cause}; runs are handed back after a checkpoint")]
    public static partial void Leaving(ILogger logger, string cause);

    [LoggerMessage(8, LogLevel.Warning, "the database does not answer: {Reason}")]
    public static partial void DatabaseAway(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Information, "waiting for the database and its schema ({Reason})")]
    public static partial void WaitingForSchema(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Error, "run {Run} attempt {Attempt}: the trainer could not be started: {Reason}")]
    public static partial void NotStarted(ILogger logger, Guid run, int attempt, string reason);

    [LoggerMessage(32, LogLevel.Warning, "{Line}")]
    public static partial void StoreSilent(ILogger logger, string line);

    [LoggerMessage(41, LogLevel.Warning, "leaving: the database has the migration {Step} by now, and only newer workers can work with that. Update this one")]
    public static partial void DatabaseNewer(ILogger logger, string step);

    [LoggerMessage(11, LogLevel.Warning, "slot {Slot} is {State} and takes nothing: {Reason}")]
    public static partial void TakesNothing(ILogger logger, string slot, string state, string reason);

    [LoggerMessage(12, LogLevel.Information, "slot {Slot} is ready again")]
    public static partial void TakesAgain(ILogger logger, string slot);

    [LoggerMessage(13, LogLevel.Warning, "worker {Worker} is up and takes nothing yet; it looks again by itself")]
    public static partial void NotReady(ILogger logger, Guid worker);

    [LoggerMessage(31, LogLevel.Warning, "leaving although runs are still in hand; their leases will expire")]
    public static partial void RunsLeftBehind(ILogger logger);
}
