using System.CommandLine;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset</c>: makes, checks and shows data sets. Nothing but <c>list</c> needs a system.</summary>
public static class DatasetCommand
{
    /// <param name="terminal">Where to write; null: this process's streams.</param>
    public static Command Create(Terminal? terminal = null)
    {
        terminal ??= Terminal.OfProcess();
        return new("dataset", "Makes, checks and shows data sets")
        {
            PackCommand.Create(terminal),
            LayoutsCommand.Create(terminal),
            IndexCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            DatasetShowCommand.Create(terminal),
            DatasetListCommand.Create(terminal),
            StatsCommand.Create(terminal),
            SynthesizeCommand.Create(terminal),
        };
    }
}
