using System.CommandLine;
using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Splitting;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset pack SOURCE --layout L --out URI</c>.</summary>
internal static class PackCommand
{
    private const int Shown = 10;

    public static Command Create(Terminal terminal)
    {
        var source = new Argument<string>("SOURCE") { Description = "The folder of the data set" };
        var layout = new Option<string>("--layout")
        {
            Required = true,
            Description =
                $"How the folder is laid out: {DatasetLayouts.Names}; or the file of a layout of your own, with a slash or ending in .yaml " +
                "(changedetection dataset layouts says what each is)",
        };
        var destination = new Option<string>("--out") { Required = true, Description = "Where the shards go: a folder or URI that holds no data set yet" };
        var splits = new SplitArguments();
        var encoding = new Option<string>("--encoding")
        {
            DefaultValueFactory = _ => "png",
            Description = "png (8 or 16 bit, 1 or 3 channels) or raw (.npy, anything)",
        };
        encoding.AcceptOnlyFromAmong("png", "raw");
        var bands = new Option<int?>("--bands")
        {
            Description =
                "Of the layout oscd: 3 (B04 B03 B02), 4 (and B08), 10 (all of 10 and 20 m) or 13 bands; 3 without it. More than 3 need --encoding " +
                "raw",
        };
        var masks = new MaskArguments();
        var noData = new Option<double?>("--nodata") { Description = "The value of pixels that are none, in all bands; without it, what each file says" };
        var alpha = new Option<string>("--alpha")
        {
            DefaultValueFactory = _ => "auto",
            Description =
                "What the images' alpha is: mask (0 is no pixel), band (a channel like the others) or drop; auto takes one of 0 and the " +
                "maximum alone for a mask",
        };
        alpha.AcceptOnlyFromAmong("auto", "drop", "band", "mask");
        var tile = new Option<int?>(
            "--tile") { Description =
            "Cut every pair into square tiles of so many pixels; the last ones of a row or column are moved back to the edge" };
        var stride = new Option<int?>(
            "--stride") { Description = "Pixels from one tile to the next; without it the tile's side, so that tiles lie side by side" };
        var least = new Option<string[]>("--min-change")
        {
            DefaultValueFactory = _ => [],
            Description =
                "Leave out tiles of the training split with a smaller share of changed pixels, 0 to 1; of another split with " +
                $"{MinChangeRule.Syntax}, again for each",
        };
        var name = new Option<string?>("--name") { Description = "Name of the data set; the folder's name without it" };
        var size = new Option<int>("--shard-mib")
        {
            DefaultValueFactory = _ => (int)(ShardWriter.DefaultTargetBytes >> 20),
            Description = "Size of a shard in MiB, 1 to 1024",
        }.Within(1, 1024);
        var json = DatasetArguments.Json();
        var command = new Command("pack", "Packs a folder of image pairs into shards")
        {
            source, layout, destination, encoding, bands, noData, alpha, tile, stride, least, name, size, json,
        };
        splits.AddTo(command);
        masks.AddTo(command);
        command.SetAction(async (parsed, token) =>
        {
            var (patterns, shares) = splits.Of(parsed);
            var packer = new DatasetPacker(DatasetLayouts.Find(parsed.GetRequiredValue(layout), parsed.GetValue(bands)), new PackOptions
            {
                Name = parsed.GetValue(name),
                Splits = patterns,
                Shares = shares,
                Encoding = parsed.GetValue(encoding) == "raw" ? PackEncoding.Raw : PackEncoding.Png,
                Tiling = parsed.GetValue(tile) is { } side ? Tiling.Create(side, parsed.GetValue(stride))
                    : parsed.GetValue(stride) is null ? null
                        : throw new PackRequestException("--stride says how far tiles are apart, and there are none. Give --tile too."),
                MinChange = MinChangeRule.Join(DatasetArguments.ParseAll(parsed.GetValue(least)!, MinChangeRule.Parse)),
                Masks = masks.Of(parsed),
                NoData = new NoDataRule(parsed.GetValue(noData), Enum.Parse<AlphaUse>(parsed.GetRequiredValue(alpha), ignoreCase: true)),
                ShardBytes = (long)parsed.GetValue(size) << 20,
                Tool = DatasetArguments.Tool,
            });
            var store = DatasetArguments.Open(parsed.GetRequiredValue(destination));
            var report = await terminal.WithProgressAsync(progress => packer.PackAsync(parsed.GetRequiredValue(source), store, new Phases(progress), token));
            var dataset = await ShardDataset.OpenAsync(store, token);
            Report(terminal, DatasetSummary.Of(dataset), report, parsed.GetValue(json));
            await SheetOfDataset.WriteAsync(terminal, dataset, token);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Report(Terminal terminal, DatasetSummary summary, PackReport report, bool json)
    {
        foreach (var warning in report.Warnings)
            terminal.Warn(warning);
        if (report.Unmatched.Count > 0)
        {
            var shown = string.Join(", ", report.Unmatched.Take(Shown)) + (report.Unmatched.Count > Shown ? ", …" : "");
            terminal.Warn(string.Create(CultureInfo.InvariantCulture, $"{report.Unmatched.Count} pairs are in no split: {shown}"));
        }
        if (json)
        {
            terminal.Json(new
            {
                summary.Name,
                summary.Channels,
                summary.Splits,
                summary.Uri,
                summary.ManifestSha256,
                summary.Statistics,
                summary.Provenance,
                summary.Bands,
                summary.Classes,
                summary.Mask,
                summary.PixelType,
                summary.Ranges,
                report.Unmatched,
                report.Warnings,
                Divided = report.Counts.Count == 0 ? null : report.Counts,
            });
            return;
        }
        Print(terminal, report.Counts);
        summary.Print(terminal);
    }

    /// <summary>What each split got of what was divided: shares come out about as asked, and people want to know how far off.</summary>
    private static void Print(Terminal terminal, IReadOnlyList<SplitCount> counts)
    {
        if (counts.Count == 0)
            return;
        terminal.Result($"{"divided",-12} {"pairs",9} {"share",10} {"asked",10}{(counts[0].Groups is null ? "" : $" {"groups",9}")}");
        foreach (var count in counts)
            terminal.Result(string.Create(
                CultureInfo.InvariantCulture,
                $"{count.Split,-12} {count.Pairs,9} {count.Share * 100,8:0.00} % {count.Asked * 100,8:0.00} %{count.Groups,10}").TrimEnd());
    }

    private sealed class Phases(IProgress<WorkDone> progress) : IProgress<PackProgress>
    {
        public void Report(PackProgress value) => progress.Report(new(value.Phase, value.Done, value.Total));
    }
}
