using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.Scheduler.SingleMachine;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Errors;

/// <summary>A verb cannot do what was asked; the message says why and what to do.</summary>
public sealed class CommandException(string message, int code = ExitCode.Wrong) : Exception(message)
{
    public int Code { get; } = code;
}

/// <summary>Failures that have a message for people, and their exit codes. Anything else is a defect of ours and shows its trace.</summary>
internal static class UserErrors
{
    public static int? CodeOf(Exception exception) => exception switch
    {
        CommandException { Code: var code } => code,
        BackupException { IsRequest: var wrong } => wrong ? ExitCode.Wrong : ExitCode.Failed,
        ConfigurationException or SettingsException or SystemIdentityException or DatasetMissingException or DatasetMismatchException or StoreUriException
            or DataFolderException or DataFolderInUseException or ExperimentMissingException or PostgresMissingException
            or LocalPostgresException or PackRequestException or DatasetSourceException { Asks: true } or RasterPairException
                or ImageException => ExitCode.Wrong,
        LocalSystemException or SchedulerFaultException or CheckpointInvalidException or ShardCorruptException or MigrationException or NpgsqlException
            or IOException or UnauthorizedAccessException => ExitCode.Failed,
        _ => null,
    };

    public static IEnumerable<string> Lines(Exception exception) => exception switch
    {
        ConfigurationException { Errors: var errors } => errors.Select(error => error.ToString()),
        NpgsqlException database => [DatabaseErrors.Describe(database)],
        _ => exception.Message.Split('\n'),
    };
}
