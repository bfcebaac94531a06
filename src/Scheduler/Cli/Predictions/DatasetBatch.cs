using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The samples of a split. Workers read them from where the data set is: nothing is sent.</summary>
internal sealed class DatasetBatch(ShardDataset dataset, string split, ValueRescaling? rescaling) : IBatchInput
{
    private readonly SplitManifest _split = DatasetCompatibility.FindSplit(dataset, split, "--split");

    public int Count => _split.Samples;

    public void Check(PredictSettings settings)
    {
        if (settings.Wgs84)
            throw new CommandException(
                $"--wgs84: samples of a packed data set do not say where on the earth they lie. Leave it out: polygons are in pixels. Nothing was queued.");
        if (settings.MinArea is { IsInPixels: false } area)
            throw new CommandException(
                $"--min-area {area}: samples of a packed data set do not say how many metres a pixel has. Give it in pixels, as in --min-area 40px. " +
                "Nothing was queued.");
        if (Count == 0)
            throw new CommandException($"--split: the split '{split}' of {dataset.Subject} has no sample. Nothing was queued.");
    }

    public IReadOnlyList<string> CheckAgainst(CheckpointManifest trained)
    {
        if (trained.Model.Channels != dataset.Manifest.Channels)
            throw new CommandException(
                $"The checkpoint's network ({trained.Model.Name}) takes {trained.Model.Channels} channels per date, and {dataset.Subject} has " +
                $"{dataset.Manifest.Channels}. Predict on data of the bands it was trained on. Nothing was queued.");
        var seen = PixelCompatibility.Check(trained, PixelCompatibility.Of(dataset), dataset.Subject, rescaling);
        return PixelCompatibility.Warning(trained, seen, dataset.Subject) is { } warning ? [warning] : [];
    }

    public Task<PredictionRequest> DescribeAsync(
        Terminal terminal, RunUploads uploads, PredictionRequest request, bool overlay, CancellationToken cancellationToken) => Task.FromResult(request with
        {
            Batch = new PredictionBatch
            {
                Name = $"{dataset.Manifest.Name} {split}",
                Dataset = new DatasetSplitInput
                {
                    Uri = dataset.Store.Root, ManifestSha256 = dataset.ManifestSha256, Split = split, Samples = Count,
                },
                Overlay = overlay,
            },
            Rescale = rescaling?.ToString(),
        });
}
