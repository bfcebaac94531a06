using System.Globalization;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary>What <c>dataset show --json</c> prints, in snake_case.</summary>
/// <param name="ManifestSha256">SHA-256 of <c>dataset.json</c>: two data sets with the same one are the same bytes.</param>
internal sealed record DatasetSummary(
    string Name,
    int Channels,
    IReadOnlyDictionary<string, SplitSummary> Splits,
    Uri Uri,
    string ManifestSha256,
    NormalizationStatistics Statistics,
    Provenance Provenance,
    IReadOnlyList<string>? Bands,
    IReadOnlyList<ClassManifest>? Classes,
    MaskManifest? Mask,
    string? PixelType,
    IReadOnlyList<BandRange>? Ranges)
{
    public static DatasetSummary Of(ShardDataset dataset) => new(
        dataset.Manifest.Name,
        dataset.Manifest.Channels,
        dataset.Manifest.Splits
            .OrderBy(split => split.Key, StringComparer.Ordinal)
            .ToDictionary(split => split.Key, split => SplitSummary.Of(split.Value), StringComparer.Ordinal),
        dataset.Store.Root,
        dataset.ManifestSha256,
        dataset.Manifest.Statistics,
        dataset.Manifest.Provenance,
        dataset.Manifest.Bands,
        dataset.Manifest.Classes,
        dataset.Manifest.Mask,
        dataset.Manifest.PixelType,
        dataset.Manifest.Ranges);

    /// <summary>What is kept of a data set that runs are submitted with.</summary>
    /// <param name="uri">As the config has it.</param>
    public static DatasetRecord Record(Uri uri, ShardDataset dataset) => new(
        new(uri, dataset.ManifestSha256), dataset.Manifest.Name, OutputJson.Write(Of(dataset)));

    public void Print(Terminal terminal)
    {
        terminal.Result($"{Name}, {Channels} channels, {Uri}");
        terminal.Result($"packed from {Provenance.Source} ({Provenance.Layout}) by {Provenance.Tool}");
        if (Provenance.Splits is { } divided)
            terminal.Result($"divided by the hash of names: {divided}");
        terminal.Result($"{"split",-12} {"samples",9} {"shards",7} {"MiB",10} {"change",10}");
        foreach (var (name, split) in Splits)
            terminal.Result(
                string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-12} {split.Samples,9} {split.Shards,7} {split.Bytes / (double)(1 << 20),10:0.0} {split.ChangeFraction * 100,8:0.000} " +
                $"%{(split.Sizes is { } sizes ? $"  {sizes}" : "")}" +
                $"{(split.Unlabelled ? "  no masks" : "")}{Pixels(split.IgnoredPixels, "unlabelled")}{Pixels(split.InvalidPixels, "without an image")}"));
        if (Mask is { } mask)
        {
            terminal.Result($"masks        {MaskDescription.Rule(mask, Classes)}");
            terminal.Result($"mask values  {MaskDescription.Values(mask)}");
        }
        if (Bands is { } bands)
            terminal.Result($"bands        {string.Join(' ', bands)}");
        if (Classes is { } classes)
        {
            terminal.Result($"{"class",-12} {string.Join(' ', classes.Select(one => $"{one.Name,10}"))}");
            foreach (var (name, split) in Splits)
                terminal.Result($"{name,-12} {string.Join(' ', split.ClassFractions!.Select(Percent))}");
        }
        terminal.Result($"mean         {Numbers(Statistics.Mean)}");
        terminal.Result($"deviation    {Numbers(Statistics.Deviation)}");
        if (Ranges is { } ranges)
            terminal.Result($"values       {PixelType}, {string.Join("; ", ranges.Select(Range))}");
    }

    private static string Pixels(long? count, string what) => count is > 0 and { } some ? $"  {Grouped(some)} pixels {what}" : "";

    private static string Grouped(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Range(BandRange range) => string.Create(
        CultureInfo.InvariantCulture, $"{range.Minimum:0.###} to {range.Maximum:0.###} (2 to 98 %: {range.Low:0.###} to {range.High:0.###})");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100,8:0.000} %");

    internal static string Numbers(IEnumerable<double> values) =>
        string.Join(' ', values.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));
}

/// <summary>One split of <see cref="DatasetSummary"/>.</summary>
internal sealed record SplitSummary(
    int Samples, int Shards, long Bytes, double ChangeFraction, IReadOnlyList<double>? ClassFractions, long? IgnoredPixels, long? InvalidPixels,
    bool Unlabelled, SplitSizes? Sizes)
{
    public static SplitSummary Of(SplitManifest split) =>
        new(
            split.Samples, split.Shards.Count, split.Bytes, split.ChangeFraction, split.ClassFractions,
            split.IgnoredPixels, split.InvalidPixels, split.Unlabelled, split.Sizes);
}
