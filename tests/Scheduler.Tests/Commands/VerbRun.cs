using System.CommandLine;
using System.Text.Json;
using ChangeDetection.Scheduler.Commands;
using ChangeDetection.Scheduler.Commands.Dataset;

namespace ChangeDetection.Scheduler.Tests.Commands;

/// <summary>What a verb answered.</summary>
internal sealed record VerbRun(int Code, string Output, string Log)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static async Task<VerbRun> DatasetAsync(params string[] arguments)
    {
        var (output, log) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(output, log, interactive: false, TimeProvider.System);
        var code = await CommandLine.RunAsync(new RootCommand { DatasetCommand.Create(terminal) }, ["dataset", .. arguments], terminal, TestContext.Current.CancellationToken);
        return new(code, output.ToString(), log.ToString());
    }
}
