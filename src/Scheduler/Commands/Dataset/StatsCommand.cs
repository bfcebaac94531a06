using System.CommandLine;
using System.Globalization;
using ChangeDetection.Shards;
using ChangeDetection.Shards.Verification;

namespace ChangeDetection.Scheduler.Commands.Dataset;

/// <summary><c>dataset stats URI</c>: measures every split by decoding all of it, where <c>show</c> tells what the manifest says.</summary>
internal static class StatsCommand
{
    public static Command Create(Terminal terminal)
    {
        var (uri, json) = (DatasetArguments.Uri(), DatasetArguments.Json());
        var command = new Command("stats", "Measures mean, deviation, change and sizes of every split") { uri, json };
        command.SetAction(async (parsed, token) =>
        {
            var dataset = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(uri)), token);
            var splits = await terminal.WithProgressAsync(progress => MeasureAsync(dataset, progress, token));
            if (parsed.GetValue(json))
                terminal.Json(new { dataset.Manifest.Name, dataset.Manifest.Channels, Splits = splits });
            else
                Print(terminal, splits);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<SortedDictionary<string, SplitMeasurement>> MeasureAsync(ShardDataset dataset, IProgress<WorkDone> progress, CancellationToken cancellationToken)
    {
        var measured = new SortedDictionary<string, SplitMeasurement>(StringComparer.Ordinal);
        var (done, total) = (0, dataset.Manifest.Splits.Values.Sum(split => (long)split.Samples));
        foreach (var (name, split) in dataset.Manifest.Splits.OrderBy(split => split.Key, StringComparer.Ordinal))
            measured[name] = await SplitMeasurement.MeasureAsync(dataset, split, () => progress.Report(new("measuring", ++done, total)), cancellationToken);
        return measured;
    }

    private static void Print(Terminal terminal, SortedDictionary<string, SplitMeasurement> splits)
    {
        foreach (var (name, split) in splits)
        {
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"{name}: {split.Samples} samples, {split.Unchanged} without change, {split.ChangeFraction * 100:0.000} % of the pixels changed"));
            terminal.Result($"  mean       {DatasetSummary.Numbers(split.Statistics.Mean)}");
            terminal.Result($"  deviation  {DatasetSummary.Numbers(split.Statistics.Deviation)}");
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"  sizes      {string.Join(", ", split.Sizes.Select(size => $"{size.Value} of {size.Key}"))}"));
        }
    }
}
