using System.CommandLine;
using ChangeDetection.Core.Arguments;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Backups;
using ChangeDetection.Scheduler.Cli.Checkpoints;
using ChangeDetection.Scheduler.Cli.Completion;
using ChangeDetection.Scheduler.Cli.Datasets;
using ChangeDetection.Scheduler.Cli.Doctor;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Experiments;
using ChangeDetection.Scheduler.Cli.Operations;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Cli.People;
using ChangeDetection.Scheduler.Cli.Predictions;
using ChangeDetection.Scheduler.Cli.Upkeep;

namespace ChangeDetection.Scheduler.Cli;

/// <summary>Parses and runs a command line with the exit codes of <see cref="ExitCode"/>: System.CommandLine's own code for a mistake is 1.</summary>
public static class CommandLine
{
    /// <summary>After Ctrl-C, time to take back what is half done, and for trainers to make their checkpoints.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(3);

    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Distributed training of change-detection networks: submit experiments, watch them, take the checkpoints home.");
        foreach (var verb in Verbs(terminal))
            root.Subcommands.Add(verb);
        root.Add(new ManualDirective(Executables.Scheduler));
        return root;
    }

    private static IEnumerable<Command> Verbs(Terminal terminal) =>
    [
        DemoCommand.Create(terminal),
        UpCommand.Create(terminal),
        ServeCommand.Create(terminal),
        MigrateCommand.Create(terminal),
        InitCommand.Create(terminal),
        ValidateCommand.Create(terminal),
        SchemaCommand.Create(terminal),
        SubmitCommand.Create(terminal),
        ListCommand.Create(terminal),
        ShowCommand.Create(terminal),
        WatchCommand.Create(terminal),
        LogsCommand.Create(terminal),
        .. SteeringCommands.Create(terminal),
        .. ArchiveCommands.Create(terminal),
        DeleteCommand.Create(terminal),
        EvaluateCommand.Create(terminal),
        CompareCommand.Create(terminal),
        ReportCommand.Create(terminal),
        CheckpointCommand.Create(terminal),
        PredictCommand.Create(terminal),
        DatasetCommand.Create(terminal),
        WorkerCommand.Create(terminal),
        QueueCommand.Create(terminal),
        StorageCommand.Create(terminal),
        BackupCommand.Create(terminal),
        RestoreCommand.Create(terminal),
        .. PeopleCommands.Create(terminal),
        ModelCommand.Create(terminal),
        DoctorCommand.Create(terminal),
        CompletionCommand.Create(terminal),
    ];

    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var line in ParseErrors.Describe(parsed))
                terminal.Error(line);
            terminal.Say($"See `{ParseErrors.HelpFor(parsed, Executables.Scheduler)}`.");
            return ExitCode.Wrong;
        }
        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Log,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = s_grace,
        };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Ctrl-C and SIGTERM are System.CommandLine's; a terminal that is closed means the same.
        using var asked = EndRequest.Watch(end.Cancel);
        try
        {
            return await parsed.InvokeAsync(invocation, end.Token);
        }
        catch (OperationCanceledException)
        {
            terminal.Say("Stopped. Nothing half-written stays.");
            return ExitCode.Failed;
        }
        catch (Exception exception) when (UserErrors.CodeOf(exception) is { } code)
        {
            foreach (var line in UserErrors.Lines(exception))
                terminal.Error(line);
            return code;
        }
    }
}
