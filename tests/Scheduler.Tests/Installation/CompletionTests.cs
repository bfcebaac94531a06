using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Tests.Cli;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Installation;

/// <summary>What a shell offers behind <c>changedetection</c>.</summary>
public sealed class CompletionTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("li", "list")]
    [InlineData("", "demo", "up", "submit", "dataset")]
    [InlineData("dataset ", "pack", "verify", "show")]
    [InlineData("list --st", "--state")]
    [InlineData("dataset pack --encoding ", "png", "raw")]
    [InlineData("completion ", "bash", "zsh")]
    public async Task Suggest_KnowsVerbsOptionsAndValues(string line, params string[] offered)
    {
        var run = await VerbRun.OfAsync($"[suggest:{line.Length}]", line);
        Assert.Equal(0, run.Code);
        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(offered, word => Assert.Contains(word, answers));
    }

    [Fact]
    public async Task Completion_OfAShellThatIsUnknown_IsRefused() =>
        (await VerbRun.OfAsync("completion", "fish")).Refused(2, "'fish'", "'bash'", "'zsh'");

    [Fact]
    public async Task Zsh_HasAFunctionOfTheFilesName()
    {
        var script = (await VerbRun.OfAsync("completion", "zsh")).Output;
        Assert.StartsWith("#compdef changedetection changedetection-worker changedetection-dashboard\n", script, StringComparison.Ordinal);
        Assert.Contains("\n_changedetection() {", script, StringComparison.Ordinal);
    }

    /// <summary>The script in a real shell, which asks the real program.</summary>
    [Theory, Needs(Resource.Processes)]
    [InlineData("changedetection li", "list")]
    [InlineData("changedetection dataset pa", "pack")]
    [InlineData("changedetection list --sta", "--state")]
    [InlineData("changedetection show ")]
    public async Task Bash_OffersWhatTheProgramKnows_AndNoOptionsBeforeADash(string line, params string[] offered)
    {
        var script = (await VerbRun.OfAsync("completion", "bash")).Output;
        var program = Executables.Locate(Executables.Scheduler).Command("completion", []);
        var start = new ProcessStartInfo("bash", ["-c", script + """
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            [[ $1 != *' ' ]] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _changedetection "$2"
            printf '%s\n' "${COMPREPLY[@]}"
            """, "bash", line, program.Program]) { RedirectStandardOutput = true };
        foreach (var (name, value) in program.Environment)
            start.Environment[name] = value;
        using var shell = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        var answers = await shell.StandardOutput.ReadToEndAsync(limit.Token);
        await shell.WaitForExitAsync(limit.Token);
        Assert.Equal(offered, answers.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
