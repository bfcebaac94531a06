using System.CommandLine;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>Parses and runs a command line with the exit codes of <see cref="ExitCode"/>: System.CommandLine's own code for a mistake is 1.</summary>
public static class CommandLine
{
    /// <summary>After Ctrl-C, time to take back what is half done.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                terminal.Error(error.Message);
            terminal.Say($"See `changedetection {string.Join(' ', arguments.TakeWhile(word => !word.StartsWith('-')))} --help`.");
            return ExitCode.Wrong;
        }
        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Log,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = s_grace,
        };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }
}
