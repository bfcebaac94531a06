using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary>The contact sheet of a data set that was just made. The data set is finished without it: what goes wrong is a warning.</summary>
internal static class SheetOfDataset
{
    public static async Task WriteAsync(Terminal terminal, ShardDataset dataset, CancellationToken cancellationToken)
    {
        try
        {
            if (await DatasetSheet.WriteAsync(dataset, cancellationToken))
                terminal.Say($"Contact sheet: {Location(dataset)}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ImageException)
        {
            terminal.Warn($"no contact sheet was written to {Location(dataset)}: {exception.Message}");
        }
    }

    private static string Location(ShardDataset dataset) => $"{dataset.Store.Root.AbsoluteUri.TrimEnd('/')}/{DatasetSheet.FileName}";
}
