using System.CommandLine;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Completion;

/// <summary><c>completion bash|zsh</c>: the script that a shell reads to complete verbs, options and their values.</summary>
internal static class CompletionCommand
{
    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command(
            "completion",
            "Print the completion script for a shell: eval \"$(changedetection completion bash)\". An installed package has done it already.")
        {
            shell,
        };
        command.SetAction(parsed => terminal.Output.Write(parsed.GetValue(shell) == "zsh" ? CompletionScript.Zsh : CompletionScript.Bash));
        return command;
    }
}
