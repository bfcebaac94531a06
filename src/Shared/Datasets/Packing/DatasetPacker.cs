using System.Runtime.CompilerServices;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Packs a source into shards. Every pair is read and checked first; then shards are written, one pair in memory at a time, and
/// <c>dataset.json</c> last. When that fails or is cancelled, what was written is deleted again.
/// </summary>
public sealed class DatasetPacker(IDatasetLayout layout, PackOptions options)
{
    /// <summary>Packs <paramref name="source"/> to <paramref name="destination"/>. The same source and options give the same bytes.</summary>
    /// <exception cref="PackRequestException">The layout, a split or the destination is not what was meant.</exception>
    /// <exception cref="DatasetSourceException">Files of the source cannot become samples; all of them are named.</exception>
    public async Task<PackReport> PackAsync(string source, IObjectStore destination, IProgress<PackProgress>? progress, CancellationToken cancellationToken)
    {
        RefuseBadName(source);
        var pairs = layout.List(source);
        if (pairs.Count == 0)
            throw new PackRequestException(
                $"SOURCE {source} holds no pair of the layout '{layout.Name}', which is {layout.Folders}." +
                (layout.Mismatch(source) is { } instead ? $" {instead}" : ""));
        var plan = SplitPlan.Create(layout, pairs, options.Splits, options.Shares);
        if (options.MinChange.Keys.FirstOrDefault(name => plan.Splits.All(split => split.Name != name)) is { } unknown)
            throw new PackRequestException(
                $"--min-change is for the split '{unknown}', which is not there. There is: " +
                $"{string.Join(", ", plan.Splits.Select(split => split.Name))}.");
        await RefuseOccupiedAsync(destination, plan, cancellationToken);
        var (problems, warnings) = (new ProblemList(), new ProblemList());
        MissingFiles.Report(source, plan, pairs, problems);
        if (UnusedFiles.Warning(pairs) is { } unused)
            warnings.Add(unused);
        var masks = new SourceMasks(layout, plan, options).FindRule(problems, warnings, Counter("reading masks", plan, progress), cancellationToken);
        var survey = Survey(plan, masks.Mapping, problems, warnings, Counter("checking", plan, progress), cancellationToken);
        if (layout.Bands is { } bands && bands.Count != survey.Shape.Channels)
            throw new DatasetSourceException(
                [$"The layout '{layout.Name}' names {bands.Count} bands ({string.Join(", ", bands)}), and the images have {survey.Shape.Channels} channels. " +
                "Correct its bands."]);
        var written = new List<ObjectKey>();
        var finished = false;
        try
        {
            var manifest = await WriteAsync(source, destination, written, plan, masks, survey, Counter("packing", plan, progress), cancellationToken);
            finished = true;
            return new(manifest, plan.Unmatched, [.. plan.Warnings, .. survey.Warnings], plan.Counts);
        }
        finally
        {
            if (!finished)
                await TakeBackAsync(destination, written);
        }
    }

    private SurveyResult Survey(
        SplitPlan plan, MaskMapping masks, ProblemList problems, ProblemList warnings, Action read, CancellationToken cancellationToken)
    {
        using var survey = new SourceSurvey(plan, options, masks, problems, warnings);
        return survey.Run(read, cancellationToken);
    }

    private async Task<DatasetManifest> WriteAsync(
        string source, IObjectStore destination, List<ObjectKey> written, SplitPlan plan,
        FoundRule masks, SurveyResult survey, Action packed, CancellationToken cancellationToken)
    {
        var splits = new Dictionary<string, SplitManifest>(StringComparer.Ordinal);
        foreach (var split in plan.Splits)
        {
            var writer = new ShardWriter(destination, split.Name) { TargetBytes = options.ShardBytes };
            try
            {
                var manifest = await writer.WriteAsync(EncodeAsync(split, masks.Mapping, survey, packed, cancellationToken), cancellationToken);
                var (_, counts, _, _, sizes) = survey.Found[split.Name];
                splits[split.Name] = manifest with
                {
                    ClassFractions = survey.ClassFractions?[split.Name],
                    IgnoredPixels = counts.Ignored,
                    InvalidPixels = counts.Invalid,
                    Sizes = sizes,
                };
            }
            finally
            {
                written.AddRange(writer.Written);
            }
        }
        var dataset = new DatasetManifest
        {
            Version = DatasetManifest.NewestVersion,
            Name = NameOf(source),
            Channels = survey.Shape.Channels,
            Splits = splits,
            Statistics = survey.Statistics,
            Provenance = new(FolderName(source), layout.Name, options.Tool) { Splits = options.Shares?.Provenance },
            Bands = layout.Bands,
            Classes = masks.Mapping.Rules.Classes,
            Mask = plan.IsLabelled ? MaskRecord.Of(masks.Mapping, masks.Values, raw: false) : null,
            PixelType = PixelTypes.Name(survey.Shape.Type),
            Ranges = survey.Ranges,
        };
        var bytes = DatasetManifestFile.Format(dataset);
        await destination.PutAsync(new ObjectKey(DatasetManifest.FileName), async (stream, token) => await stream.WriteAsync(bytes, token), cancellationToken);
        return dataset;
    }

    /// <summary>Pulled by the writer: a pair is read when the one before it is in the shard.</summary>
    private async IAsyncEnumerable<ShardSample> EncodeAsync(
        PlannedSplit split, MaskMapping masks, SurveyResult survey, Action packed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        using var reader = new PairReader(options, masks);
        var (cutter, encoder) = (new TileCutter(options), new SampleEncoder(options.Encoding));
        foreach (var (sample, surveyed) in split.Samples.Zip(survey.Samples[split.Name]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            reader.Load(sample);
            if (reader.Sums != surveyed.Sums)
                throw new DatasetSourceException(
                    [$"{sample.Pair.Path}: {ChangedFile(sample.Pair, reader.Sums, surveyed.Sums)} changed while it was packed. Pack again when " +
                    "nothing writes to SOURCE."]);
            if (surveyed.Passing == Passing.All)
                yield return encoder.Pass(sample, surveyed, reader);
            else
            {
                foreach (var ready in Decoded(sample, surveyed, split, reader, cutter, encoder))
                    yield return ready;
            }
            packed();
        }
    }

    private IEnumerable<ShardSample> Decoded(
        PlannedSample planned, SurveyedSample surveyed, PlannedSplit split, PairReader reader, TileCutter cutter, SampleEncoder encoder)
    {
        var least = cutter.LeastChange(split.Name);
        var pair = reader.Decode(planned);
        foreach (var (sample, images) in cutter.Cut(planned, pair))
        {
            var counts = images.Count();
            if (TileCutter.Keeps(counts, least))
                yield return surveyed.Passing == Passing.Images ? encoder.Pass(sample, images.Mask, counts, reader) : encoder.Encode(sample, images, counts);
        }
    }

    private static string ChangedFile(SourcePair pair, SourceSums now, SourceSums then) =>
        (now.Before != then.Before ? pair.Before! : now.After != then.After ? pair.After! : pair.Mask!).Path;

    private static async Task RefuseOccupiedAsync(IObjectStore destination, SplitPlan plan, CancellationToken cancellationToken)
    {
        if (await destination.LengthAsync(new ObjectKey(DatasetManifest.FileName), cancellationToken) is not null)
            throw new PackRequestException($"{destination.Root} already holds a data set, and data sets are never overwritten. Give --out another address.");
        foreach (var split in plan.Splits)
        {
            await foreach (var left in destination.ListAsync(ShardNames.Prefix(split.Name), cancellationToken))
                throw new PackRequestException(
                    $"{destination.Root} holds {left.Key} but no {DatasetManifest.FileName}: perhaps a pack that was killed left it. Delete it, " +
                    "or give --out another address.");
        }
    }

    /// <summary>Not to be cancelled: it is what a cancelled pack has left to do.</summary>
    private static async Task TakeBackAsync(IObjectStore destination, List<ObjectKey> written)
    {
        foreach (var key in written)
            await destination.DeleteAsync(key, CancellationToken.None);
    }

    private void RefuseBadName(string source)
    {
        if (options.MinChange.Count > 0 && options.Tiling is null)
            throw new PackRequestException("--min-change leaves tiles out, and there are none. Give --tile too.");
        if (DatasetManifestRules.NameViolation(NameOf(source)) is { } rule)
            throw new PackRequestException($"The name '{NameOf(source)}' of the data set {rule}. Give another one with --name.");
    }

    private string NameOf(string source) => options.Name ?? SampleKey.AsciiFromPath(FolderName(source));

    /// <summary>The folder's own name: where it lay on the packing machine is nobody's business.</summary>
    private static string FolderName(string source) => Path.GetFileName(Path.GetFullPath(source).TrimEnd(Path.DirectorySeparatorChar));

    private static Action Counter(string phase, SplitPlan plan, IProgress<PackProgress>? progress)
    {
        var (done, total) = (0, plan.Splits.Sum(split => split.Samples.Count));
        progress?.Report(new(phase, 0, total));
        return () => progress?.Report(new(phase, ++done, total));
    }
}
