using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>What reading every planned pair once has shown, before anything is written.</summary>
/// <param name="Shape">Channels and number type, the same in all images.</param>
/// <param name="Statistics">Over both dates of the training split, or of all splits where there is none.</param>
/// <param name="OnlyOnes">Threshold of masks in which nothing but 1 occurs.</param>
/// <param name="ClassFractions">Per split, each class's share of the pixels; null without classes.</param>
/// <param name="Samples">Per split, what is to be known of each planned sample to write it.</param>
/// <param name="Warnings">What is odd but can be packed.</param>
internal sealed record SurveyResult(
    ImageShape Shape, NormalizationStatistics Statistics, byte OnlyOnes, IReadOnlyDictionary<string, IReadOnlyList<double>>? ClassFractions,
    IReadOnlyDictionary<string, List<SurveyedSample>> Samples, IReadOnlyList<string> Warnings);

/// <summary>Reads every planned pair once and collects all that is wrong, so that a bad data set is refused before a byte is written.</summary>
internal sealed class SourceSurvey(SplitPlan plan, PackOptions options) : IDisposable
{
    /// <summary>The split whose statistics normalise, and which must hold change.</summary>
    public const string TrainingSplit = "train";

    private readonly ProblemList _problems = new();
    private readonly ProblemList _warnings = new();
    private readonly ChannelStatistics _statistics = new();
    private readonly PairReader _reader = new(options);
    private readonly TileCutter _cutter = new(options);
    private readonly Dictionary<string, List<SurveyedSample>> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Changed, int Kept, int Left)> _found = new(StringComparer.Ordinal);
    private readonly List<(PlannedSplit Split, PlannedSample Sample)> _undecided = [];
    private readonly Dictionary<string, string> _onlyOnes = new(StringComparer.Ordinal);
    private readonly HashSet<MaskKind> _kinds = [];
    private readonly MaskValues _values = new(options.Masks);
    private (PlannedSample Sample, ImageShape Shape)? _first;

    /// <exception cref="DatasetSourceException">Pairs that cannot become samples, or a training split without a changed pixel.</exception>
    public SurveyResult Run(Action read, CancellationToken cancellationToken)
    {
        foreach (var split in plan.Splits)
        {
            _found[split.Name] = (0, 0, 0);
            _samples[split.Name] = new(split.Samples.Count);
            foreach (var sample in split.Samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Survey(split, sample);
                read();
            }
        }
        var onlyOnes = OnlyOnes();
        Decide(onlyOnes);
        if (_problems.Count == 0)
            _values.Check(_problems, _warnings);
        CheckChange();
        CheckStatistics();
        _problems.ThrowIfAny();
        return new(_first!.Value.Shape, _statistics.Result(), onlyOnes, _values.Fractions, _samples, _warnings.Count > _warnings.First.Count
            ? [.. _warnings.First, string.Create(CultureInfo.InvariantCulture, $"{_warnings.Count - _warnings.First.Count} more warnings like these")]
            : _warnings.First);
    }

    public void Dispose() => _reader.Dispose();

    private void Survey(PlannedSplit split, PlannedSample sample)
    {
        try
        {
            _reader.Load(sample);
            var pair = _reader.Decode(sample);
            CheckShape(sample, pair.Shape);
            if (options.Masks is null)
                _kinds.Add(pair.Levels.Kind);
            else
                _values.Meet(pair.Values, sample.Pair.Mask!.Path);
            foreach (var note in sample.Pair.Oddity is { } oddity ? pair.Notes.Prepend(oddity) : pair.Notes)
                _warnings.Add(note);
            if (options.Masks is null && pair.Levels.Stray > 0)
                _warnings.Add(
                    string.Create(
                    CultureInfo.InvariantCulture,
                    $"{sample.Pair.Mask!.Path} has {pair.Levels.Stray} pixels of a stray grey; those above {pair.Levels.Threshold} count as change"));
            var passing = PassingOf(sample, pair);
            var changed = Count(split, sample, pair);
            _samples[split.Name].Add(new(_reader.Sums, passing, pair.Shape.Width, pair.Shape.Height, changed));
        }
        catch (DatasetSourceException error)
        {
            foreach (var problem in error.Problems)
                _problems.Add(problem);
        }
    }

    /// <summary>Counts the change of a pair's samples and measures those that are kept. Returns all changed pixels.</summary>
    private long Count(PlannedSplit split, PlannedSample sample, IPairPixels pair)
    {
        if (options.Masks is not null)
            return Keep(split, sample, pair, threshold: 0);
        if (pair.Levels.Threshold is not { } threshold)
        {
            _onlyOnes.TryAdd(split.Name, sample.Pair.Mask!.Path);
            _undecided.Add((split, sample));
            return 0;
        }
        return Keep(split, sample, pair, threshold);
    }

    private long Keep(PlannedSplit split, PlannedSample sample, IPairPixels pair, byte threshold)
    {
        var (all, least) = (0L, _cutter.LeastChange(split.Name));
        foreach (var (_, tile) in _cutter.Cut(sample, pair))
        {
            var pixels = tile.Mask.Bytes.Length;
            var changed = MaskLevels.Apply(options.Masks, threshold, tile.Mask.Pixels.AsSpan(0, pixels));
            var found = _found[split.Name];
            if (changed < least * pixels)
            {
                _found[split.Name] = found with { Left = found.Left + 1 };
                continue;
            }
            _found[split.Name] = found with { Changed = found.Changed + changed, Kept = found.Kept + 1 };
            all += changed;
            _values.Count(split.Name, tile.Mask.Bytes);
            if (split.Name == TrainingSplit || plan.Splits.All(other => other.Name != TrainingSplit))
            {
                _statistics.Add(tile.Before);
                _statistics.Add(tile.After);
            }
        }
        return all;
    }

    /// <summary>Masks that hold nothing but 1 are counted when all masks have been seen, and so are read twice: they are few.</summary>
    private void Decide(byte onlyOnes)
    {
        if (_problems.Count > 0)
            return;
        foreach (var (split, sample) in _undecided)
        {
            _reader.Load(sample);
            Keep(split, sample, _reader.Decode(sample), onlyOnes);
        }
    }

    private Passing PassingOf(PlannedSample sample, IPairPixels pair)
    {
        if (options.Encoding != PackEncoding.Png || options.Tiling is not null || sample.Crop is not null || sample.Pair.Tolerance > 0)
            return Passing.None;
        var (before, after, mask) = _reader.Files;
        if (!PngPassThrough.Accepts(before.Span, sample.Pair.Before!.Path) || !PngPassThrough.Accepts(after.Span, sample.Pair.After!.Path))
            return Passing.None;
        return options.Masks is null && PngPassThrough.AcceptsMask(mask.Span, sample.Pair.Mask!.Path)
            && pair.Values.Values.All(value => value is 0 or byte.MaxValue)
            ? Passing.All
            : Passing.Images;
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

    /// <summary>The threshold of masks that hold nothing but 1, by what the other masks show.</summary>
    private byte OnlyOnes()
    {
        if (_onlyOnes.Count == 0)
            return 0;
        var (oneIsChange, oneIsBackground) = (_kinds.Contains(MaskKind.ZeroAndOne), _kinds.Contains(MaskKind.OneAndTwo));
        if (oneIsChange == oneIsBackground)
            _problems.Add(
                $"{_onlyOnes.First().Value} holds nothing but 1, and the other masks do not show whether that means change (as in 0 and 1) or " +
                "none (as in 1 and 2). Write masks with 0 for no change and 255 for change.");
        return oneIsBackground ? (byte)1 : (byte)0;
    }

    private void CheckStatistics()
    {
        if (_problems.Count == 0 && !_statistics.Result().Mean.All(double.IsFinite))
            _problems.Add("The images hold values that are no finite numbers, so there is no mean to normalise by. Replace NaN and infinity by a number.");
    }

    private void CheckChange()
    {
        // With unreadable masks among them, zero changed pixels may be a consequence and no finding of its own.
        if (_problems.Count > 0)
            return;
        foreach (var split in plan.Splits.Where(split => _found[split.Name].Kept == 0))
            _problems.Add(
                string.Create(
                CultureInfo.InvariantCulture,
                $"The split '{split.Name}' has no tile left: none of its {_found[split.Name].Left} tiles has as much change as --min-change asks " +
                $"for. Give a smaller one."));
        foreach (var split in plan.Splits.Where(split => _found[split.Name] is { Changed: 0, Kept: > 0 }))
        {
            var said = string.Create(
                CultureInfo.InvariantCulture,
                $"The split '{split.Name}' has not one changed pixel in its {split.Samples.Count} masks (the first is " +
                $"{split.Samples[0].Pair.Mask!.Path})");
            if (split.Name == TrainingSplit)
                _problems.Add(
                    $"{said}. Nothing could be learned from it: look whether the masks are the right files, with 0 for no change and 255 for " +
                    $"change.");
            else
                _warnings.Add($"{said}; scores on it will mean nothing");
        }
    }
}
