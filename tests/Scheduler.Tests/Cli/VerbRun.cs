using System.Text.Json;
using ChangeDetection.Scheduler.Cli;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What a verb answered that ran in this process.</summary>
internal sealed record VerbRun(int Code, string Output, string Log)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>The whole command line, as the program itself runs it.</summary>
    public static async Task<VerbRun> OfAsync(params string[] arguments)
    {
        var (output, log) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, log, interactive: false, TimeProvider.System);
        var code = await CommandLine.RunAsync(CommandLine.Create(terminal), arguments, terminal, TestContext.Current.CancellationToken);
        return new(code, output.ToString(), log.ToString());
    }

    public static Task<VerbRun> DatasetAsync(params string[] arguments) => OfAsync(["dataset", .. arguments]);

    /// <summary>The verb refused: with this code, nothing on standard output, and a message that holds every one of these.</summary>
    public void Refused(int code, params string[] said)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}:\n{Log}");
        Assert.Equal("", Output);
        Assert.All(said, part => Assert.Contains(part, Log, StringComparison.Ordinal));
    }
}
