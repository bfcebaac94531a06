using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset stats URI</c>: measures every split by decoding all of it, where <c>show</c> tells what the manifest says.</summary>
internal static class StatsCommand
{
    private const int DefaultRows = 8;

    public static Command Create(Terminal terminal)
    {
        var (uri, json) = (DatasetArguments.Uri(), DatasetArguments.Json());
        var sheet = new Option<string?>(
            "--sheet") { Description = "Also write a picture, FILE.png: rows of before | after | mask, samples evenly chosen from each split" };
        var rows = new Option<int>("--rows")
        {
            DefaultValueFactory = _ => DefaultRows,
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Rows of the picture per split, 1 to {ContactSheet.MostRows}; all splits together have at most {ContactSheet.MostRows}"),
        }.Within(1, ContactSheet.MostRows);
        var command = new Command("stats", "Measures mean, deviation, change and sizes of every split") { uri, sheet, rows, json };
        command.SetAction(async (parsed, token) =>
        {
            var file = parsed.GetValue(sheet) is { } path ? SheetFile.At(path) : null;
            var dataset = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(uri)), token);
            var picture = new SheetRows(file is null ? 0 : parsed.GetValue(rows));
            var splits = await terminal.WithProgressAsync(progress => MeasureAsync(dataset, picture, progress, token));
            if (file is not null)
                await file.WriteAsync(picture.Sheet.Compose(), token);
            if (parsed.GetValue(json))
                terminal.Json(
                    new
                    {
                        dataset.Manifest.Name,
                        dataset.Manifest.Channels,
                        Splits = splits,
                        Sheet = file is null ? null : new { file.Path, Rows = picture.Shown },
                    });
            else
                Print(terminal, splits, file?.Path);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<SortedDictionary<string, SplitMeasurement>> MeasureAsync(
        ShardDataset dataset, SheetRows picture, IProgress<WorkDone> progress, CancellationToken cancellationToken)
    {
        var measured = new SortedDictionary<string, SplitMeasurement>(StringComparer.Ordinal);
        var (done, total) = (0, dataset.Manifest.Splits.Values.Sum(split => (long)split.Samples));
        foreach (var (name, split) in dataset.Manifest.Splits.OrderBy(split => split.Key, StringComparer.Ordinal))
        {
            measured[name] = await SplitMeasurement.MeasureAsync(dataset, split, sample =>
            {
                picture.Offer(name, split.Samples, sample);
                progress.Report(new("measuring", ++done, total));
            }, cancellationToken);
        }
        return measured;
    }

    private static void Print(Terminal terminal, SortedDictionary<string, SplitMeasurement> splits, string? sheet)
    {
        foreach (var (name, split) in splits)
        {
            terminal.Result(
                string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {split.Samples} samples, {split.Unchanged} without change, {split.ChangeFraction * 100:0.000} % of the pixels changed"));
            terminal.Result($"  mean       {DatasetSummary.Numbers(split.Statistics.Mean)}");
            terminal.Result($"  deviation  {DatasetSummary.Numbers(split.Statistics.Deviation)}");
            terminal.Result(
                string.Create(
                CultureInfo.InvariantCulture, $"  sizes      {string.Join(", ", split.Sizes.Select(size => $"{size.Value} of {size.Key}"))}"));
        }
        if (sheet is not null)
            terminal.Result($"sheet: {sheet}");
    }

    /// <summary>Chooses the samples of the picture: the middle ones of so many equal parts of each split.</summary>
    private sealed class SheetRows(int perSplit)
    {
        public ContactSheet Sheet { get; } = new();

        public List<object> Shown { get; } = [];

        public void Offer(string split, int samples, MeasuredSample sample)
        {
            var rows = Math.Min(perSplit, samples);
            var chosen = Enumerable.Range(0, rows).Any(row => (2L * row + 1) * samples / (2 * rows) == sample.Ordinal);
            if (chosen && Sheet.Add(sample.Before, sample.After, sample.Mask, ignored: MaskReader.Ignored))
                Shown.Add(new { Split = split, sample.Key });
        }
    }

    /// <summary>The file that the picture goes to, refused before hours of measuring.</summary>
    private sealed record SheetFile(string Path)
    {
        public static SheetFile At(string path)
        {
            if (!path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
                throw new CommandException($"--sheet {path}: the picture is a PNG. Name it FILE.png.");
            var full = System.IO.Path.GetFullPath(path);
            return Directory.Exists(System.IO.Path.GetDirectoryName(full))
                ? new(full)
                : throw new CommandException($"--sheet {path}: there is no folder {System.IO.Path.GetDirectoryName(full)}. Make it first.");
        }

        /// <summary>Written beside and renamed: what has the name is whole.</summary>
        public Task WriteAsync(PixelImage picture, CancellationToken cancellationToken) =>
            DurableFile.WriteAsync(Path, PictureEncoder.Encode(picture), cancellationToken: cancellationToken);
    }
}
