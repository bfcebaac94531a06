using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>What reading every planned pair once has shown, before anything is written.</summary>
/// <param name="Shape">Channels and number type, the same in all images.</param>
/// <param name="Statistics">Over the valid pixels of both dates of the splits that <see cref="StatisticsSplits"/> tells.</param>
/// <param name="Ranges">Over the same pixels.</param>
/// <param name="ClassFractions">Per split, each class's share of the labelled pixels; null without classes.</param>
/// <param name="Found">Per split, pixels and sizes of the samples that are kept.</param>
/// <param name="Samples">Per split, what is to be known of each planned sample to write it.</param>
/// <param name="Warnings">What is odd but can be packed.</param>
internal sealed record SurveyResult(
    ImageShape Shape, NormalizationStatistics Statistics, IReadOnlyList<BandRange> Ranges,
    IReadOnlyDictionary<string, IReadOnlyList<double>>? ClassFractions, IReadOnlyDictionary<string, SplitFindings> Found,
    IReadOnlyDictionary<string, List<SurveyedSample>> Samples, IReadOnlyList<string> Warnings);

/// <summary>Reads every planned pair once and collects all that is wrong, so that a bad data set is refused before a byte is written.</summary>
/// <param name="masks">The rule for all masks.</param>
/// <param name="problems">Those that are known already; gets all others.</param>
/// <param name="warnings">Those that are known already; gets all others.</param>
internal sealed class SourceSurvey(SplitPlan plan, PackOptions options, MaskMapping masks, ProblemList problems, ProblemList warnings) : IDisposable
{
    /// <summary>The split which must hold change.</summary>
    public const string TrainingSplit = StatisticsSplits.Training;

    private readonly ChannelStatistics _statistics = new();
    private readonly ChannelRanges _ranges = new();
    private readonly PairReader _reader = new(options, masks);
    private readonly TileCutter _cutter = new(options);
    private readonly Dictionary<string, ClassCounts> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SurveyedSample>> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SplitFindings> _found = new(StringComparer.Ordinal);
    private (PlannedSample Sample, ImageShape Shape)? _first;

    /// <exception cref="DatasetSourceException">Pairs that cannot become samples, or a training split without a changed pixel.</exception>
    public SurveyResult Run(Action read, CancellationToken cancellationToken)
    {
        foreach (var split in plan.Splits)
        {
            _found[split.Name] = new(default, default, 0, 0);
            if (masks.Rules.Classes is { } classes)
                _classes[split.Name] = new(classes.Count);
            _samples[split.Name] = new(split.Samples.Count);
            foreach (var sample in split.Samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Survey(split, sample);
                read();
            }
        }
        // With unreadable masks among them, zero changed pixels may be a consequence and no finding of its own.
        if (problems.Count == 0)
            ChangeQuestions.Check(plan, _found, problems, warnings);
        if (problems.Count == 0 && _statistics.IsEmpty)
            problems.Add(
                "No image that the statistics are of has a pixel: all of them are no data, NaN or transparent in either date (the first is " +
                $"{_first!.Value.Sample.Path}). Look whether the images are the right files, or say --nodata and --alpha.");
        problems.ThrowIfAny();
        return new(
            _first!.Value.Shape, _statistics.Result(), _ranges.Result(),
            masks.Rules.Classes is null ? null : _classes.ToDictionary(split => split.Key, split => split.Value.Fractions, StringComparer.Ordinal),
            _found,
            _samples, [.. SplitLeaks.Find(plan, _samples), .. warnings.First, .. More()]);

        IEnumerable<string> More() => warnings.Count > warnings.First.Count
            ? [string.Create(CultureInfo.InvariantCulture, $"{warnings.Count - warnings.First.Count} more warnings like these")]
            : [];
    }

    public void Dispose() => _reader.Dispose();

    private void Survey(PlannedSplit split, PlannedSample sample)
    {
        // Told already, for all samples at once.
        if (sample.Pair.Missing.Count > 0)
            return;
        try
        {
            _reader.Load(sample);
            var pair = _reader.Decode(sample);
            CheckShape(sample, pair.Shape);
            foreach (var note in sample.Pair.Oddity is { } oddity ? pair.Notes.Prepend(oddity) : pair.Notes)
                warnings.Add(note);
            var counts = Keep(split, sample, pair);
            _samples[split.Name].Add(new(_reader.Sums, PassingOf(sample, counts), pair.Shape.Width, pair.Shape.Height, counts));
        }
        catch (DatasetSourceException error)
        {
            problems.Add(error);
        }
    }

    /// <summary>Counts the pixels of a pair's samples and measures those that are kept. Returns the counts of all that are kept.</summary>
    private PixelCounts Keep(PlannedSplit split, PlannedSample sample, IPairPixels pair)
    {
        var (all, least) = (default(PixelCounts), _cutter.LeastChange(split.Name));
        foreach (var (_, tile) in _cutter.Cut(sample, pair))
        {
            var counts = tile.Count();
            var found = _found[split.Name] with { Seen = _found[split.Name].Seen + counts };
            if (!TileCutter.Keeps(counts, least))
            {
                _found[split.Name] = found with { Left = found.Left + 1 };
                continue;
            }
            _found[split.Name] = found with
            {
                Counts = found.Counts + counts,
                Kept = found.Kept + 1,
                Sizes = SplitSizes.Join(found.Sizes, tile.Before.Shape.Width, tile.Before.Shape.Height),
            };
            all += counts;
            _classes.GetValueOrDefault(split.Name)?.Add(tile.Mask.Bytes, valid: default);
            if (StatisticsSplits.Count(split.Name, plan.Splits.Select(other => other.Name)))
            {
                foreach (var date in (PixelImage[])[tile.Before, tile.After])
                {
                    _statistics.Add(date, tile.Valid);
                    _ranges.Add(date, tile.Valid);
                }
            }
        }
        return all;
    }

    private Passing PassingOf(PlannedSample sample, PixelCounts counts)
    {
        if (options.Encoding != PackEncoding.Png || options.Tiling is not null || sample.Crop is not null || sample.Pair.Tolerance > 0 || counts.Invalid > 0)
            return Passing.None;
        var (before, after, mask) = _reader.Files;
        if (!PngPassThrough.Accepts(before.Span, sample.Pair.Before!.Path) || !PngPassThrough.Accepts(after.Span, sample.Pair.After!.Path))
            return Passing.None;
        return sample.Pair.Mask is { } file && PngPassThrough.AcceptsMask(mask.Span, file.Path) && _reader.MaskStaysAsItIs ? Passing.All : Passing.Images;
    }

    private void CheckShape(PlannedSample sample, ImageShape shape)
    {
        _first ??= (sample, shape);
        var first = _first.Value;
        if (shape.Channels != first.Shape.Channels || shape.Type != first.Shape.Type)
            throw new DatasetSourceException(
                [$"{sample.Pair.Before!.Path} has {shape.Channels} channels of {shape.Type}, but {first.Sample.Pair.Before!.Path} has " +
                $"{first.Shape.Channels} of {first.Shape.Type}. All images of a data set must agree: convert one kind to the other."]);
        if (options.Encoding == PackEncoding.Png && (shape.Type == PixelType.Float32 || shape.Channels is not (1 or 3)))
            throw new DatasetSourceException([$"{sample.Pair.Before!.Path} is {shape}, which a PNG cannot hold. Pack with --encoding raw."]);
    }
}
