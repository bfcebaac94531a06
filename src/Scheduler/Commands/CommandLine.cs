using System.CommandLine;
using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.Database;
using ChangeDetection.Database.LocalServer;
using ChangeDetection.Hosting;
using ChangeDetection.Shards;
using ChangeDetection.Storage;
using Npgsql;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>The verbs, and how their failures become exit codes: 1 the run or check failed, 2 the command or config is wrong.</summary>
public static class CommandLine
{
    public static RootCommand Create() => new("Distributed training of change-detection networks: submit experiments, watch them, take the checkpoints home.")
    {
        DemoCommand.Create(),
        UpCommand.Create(),
        ServeCommand.Create(),
        ValidateCommand.Create(),
        SchemaCommand.Create(),
        SubmitCommand.Create(),
        ListCommand.Create(),
        ShowCommand.Create(),
        WatchCommand.Create(),
        LogsCommand.Create(),
        CancelCommand.Create(),
        CheckpointCommand.Create(),
        WorkerCommand.Create(),
        QueueCommand.Create(),
        ModelCommand.Create(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync($"changedetection: {error.Message}");
            await Console.Error.WriteLineAsync("Run with --help to see the verbs and their options.");
            return ExitCode.Wrong;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
        }
        catch (ConfigurationException exception)
        {
            foreach (var error in exception.Errors)
                await Console.Error.WriteLineAsync(error.ToString());
            return ExitCode.Wrong;
        }
        catch (Exception exception) when (ExitCodeOf(exception) is { } code)
        {
            await Console.Error.WriteLineAsync($"changedetection: {exception.Message}");
            return code;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("changedetection: stopped.");
            return ExitCode.Failed;
        }
    }

    /// <summary>Failures that have a message for people; anything else is a defect and shows its trace.</summary>
    private static int? ExitCodeOf(Exception exception) => exception switch
    {
        CommandException { Code: var code } => code,
        CheckpointInvalidException or ShardCorruptException => ExitCode.Failed,
        DatasetMissingException or StoreUriException => ExitCode.Wrong,
        DataFolderException or DataFolderInUseException or PostgresMissingException or LocalPostgresException or FileNotFoundException
            or DirectoryNotFoundException or UnauthorizedAccessException => ExitCode.Wrong,
        MigrationException or NpgsqlException or IOException => ExitCode.Failed,
        _ => null,
    };
}

/// <summary>What a verb ends with.</summary>
public static class ExitCode
{
    public const int Done = 0;
    /// <summary>The run or check failed.</summary>
    public const int Failed = 1;
    /// <summary>The command or config is wrong.</summary>
    public const int Wrong = 2;
}

/// <summary>A verb cannot do what was asked; the message says why and what to do.</summary>
public sealed class CommandException(string message, int code = ExitCode.Wrong) : Exception(message)
{
    public int Code { get; } = code;
}
