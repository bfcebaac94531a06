using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The pairs that a layout finds below a folder. Their masks, if they have any, are not looked at.</summary>
internal sealed class SourceBatch : IBatchInput
{
    private const int Shown = 10;

    private readonly string _source;
    private readonly IReadOnlyList<(string Name, ScenePair Files)> _pairs;

    private SourceBatch(string source, IReadOnlyList<(string, ScenePair)> pairs) => (_source, _pairs) = (source, pairs);

    public int Count => _pairs.Count;

    /// <param name="split">Those of one of the layout's own splits alone; null: all.</param>
    /// <param name="files">Makes a pair of two files.</param>
    /// <exception cref="CommandException">There is no pair, or some of them cannot be predicted.</exception>
    public static SourceBatch Find(IDatasetLayout layout, string source, string? split, Func<string, string, ScenePair> files)
    {
        var found = layout.List(source);
        if (found.Count == 0)
            throw new CommandException($"SOURCE {source} holds no pair of the layout '{layout.Name}', which is {layout.Folders}. Nothing was queued.");
        var splits = found.Select(pair => pair.Split).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        if (split is not null && !splits.Contains(split))
            throw new CommandException(
                $"--split: the layout '{layout.Name}' puts no pair of {source} into a split '{split}'" +
                $"{(splits.Count > 0 ? $"; it has {string.Join(", ", splits)}" : "")}. Nothing was queued.");
        // A list may put one pair into two splits.
        found = [.. found.Where(pair => split is null || pair.Split == split).DistinctBy(pair => pair.Path)];
        Refuse([.. found.Select(Problem).OfType<string>()]);
        if (found.Count > PredictionBatch.MostPairs)
            throw new CommandException(
                $"SOURCE {source} holds {found.Count} pairs, and one run takes {PredictionBatch.MostPairs}. Pack them ('changedetection dataset pack'), and " +
                "predict --dataset. Nothing was queued.");
        return new(source, [.. found.Select(pair => (pair.Path, files(pair.Before!.FullPath, pair.After!.FullPath)))]);
    }

    public void Check(PredictSettings settings) =>
        Each(pair => pair.Files.Check(settings.Wgs84, settings.MinArea, BatchFiles.Path(PredictionOutputs.Polygons, pair.Name)));

    public IReadOnlyList<string> CheckAgainst(CheckpointManifest trained)
    {
        var warnings = new List<string>();
        Each(pair => warnings.AddRange(pair.Files.CheckAgainst(trained)));
        return warnings;
    }

    public Task<PredictionRequest> DescribeAsync(
        Terminal terminal, RunUploads uploads, PredictionRequest request, bool overlay, CancellationToken cancellationToken) =>
        terminal.WithProgressAsync(async progress =>
        {
            var (pairs, silent) = (new List<PairInput>(), new Progress<WorkDone>());
            for (var number = 0; number < _pairs.Count; number++)
            {
                var (name, files) = _pairs[number];
                progress.Report(new WorkDone("reading pairs", number, _pairs.Count));
                pairs.Add(new PairInput
                {
                    Name = name,
                    Before = await SceneUpload.DescribeAsync(uploads, $"{number:D6}-before", files.Before, silent, cancellationToken),
                    After = await SceneUpload.DescribeAsync(uploads, $"{number:D6}-after", files.After, silent, cancellationToken),
                });
            }
            progress.Report(new WorkDone("reading pairs", _pairs.Count, _pairs.Count));
            var first = _pairs[0].Files;
            return request with
            {
                Batch = new PredictionBatch { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(_source)), Pairs = pairs, Overlay = overlay },
                NoData = first.NoData,
                Alpha = first.Alpha,
                Rescale = first.Rescaling?.ToString(),
            };
        });

    /// <summary>Why a pair cannot be predicted; null where it can. Nobody needs its mask.</summary>
    private static string? Problem(SourcePair pair) =>
        pair.Before is null || pair.After is null || pair is { Problem: not null, Mask: not null } ? pair.Problem
        : pair.Before.Bands.Count > 0 || pair.After.Bands.Count > 0
            ? $"{pair.Path}: its bands are files of their own, which packing puts together: 'changedetection dataset pack', and predict --dataset"
        : BatchFiles.NameProblem(pair.Path) is { } name ? $"{pair.Path} {name}"
        : null;

    private void Each(Action<(string Name, ScenePair Files)> check)
    {
        var problems = new List<string>();
        foreach (var pair in _pairs)
        {
            try
            {
                check(pair);
            }
            catch (Exception exception) when (exception is RasterPairException or ImageException or CommandException)
            {
                problems.Add($"{pair.Name}: {exception.Message}");
            }
        }
        Refuse(problems);
    }

    private static void Refuse(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw new CommandException(
                string.Join('\n', problems.Take(Shown)) + (problems.Count > Shown ? $"\nand {problems.Count - Shown} more like these." : "") +
                "\nNothing was queued.");
    }
}
