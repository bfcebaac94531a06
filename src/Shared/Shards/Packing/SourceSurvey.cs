using System.Globalization;
using ChangeDetection.Images;
using ChangeDetection.Shards.Layouts;

namespace ChangeDetection.Shards.Packing;

/// <summary>What reading every planned pair once has shown, before anything is written.</summary>
/// <param name="Shape">Channels and number type, the same in all images.</param>
/// <param name="Statistics">Over both dates of the training split, or of all splits where there is none.</param>
/// <param name="OnlyOnes">Threshold of masks in which nothing but 1 occurs.</param>
/// <param name="Warnings">What is odd but can be packed.</param>
internal sealed record SurveyResult(ImageShape Shape, NormalizationStatistics Statistics, byte OnlyOnes, IReadOnlyList<string> Warnings);

/// <summary>Reads every planned pair once and collects all that is wrong, so that a bad data set is refused before a byte is written.</summary>
internal sealed class SourceSurvey(SplitPlan plan, PackEncoding encoding)
{
    /// <summary>The split whose statistics normalise, and which must hold change.</summary>
    public const string TrainingSplit = "train";

    private readonly ProblemList _problems = new();
    private readonly ProblemList _warnings = new();
    private readonly ChannelStatistics _statistics = new();
    private readonly PairReader _reader = new();
    private readonly Dictionary<string, long> _changed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Pixels, string Example)> _onlyOnes = new(StringComparer.Ordinal);
    private readonly HashSet<MaskKind> _kinds = [];
    private (PlannedSample Sample, ImageShape Shape)? _first;

    /// <exception cref="DatasetSourceException">Pairs that cannot become samples, or a training split without a changed pixel.</exception>
    public SurveyResult Run(Action read, CancellationToken cancellationToken)
    {
        foreach (var split in plan.Splits)
        {
            _changed[split.Name] = 0;
            foreach (var sample in split.Samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Survey(split, sample);
                read();
            }
        }
        var onlyOnes = OnlyOnes();
        CheckChange();
        CheckStatistics();
        _problems.ThrowIfAny();
        return new(_first!.Value.Shape, _statistics.Result(), onlyOnes, _warnings.Count > _warnings.First.Count
            ? [.. _warnings.First, string.Create(CultureInfo.InvariantCulture, $"{_warnings.Count - _warnings.First.Count} more warnings like these")]
            : _warnings.First);
    }

    private void Survey(PlannedSplit split, PlannedSample sample)
    {
        try
        {
            var pair = _reader.Read(sample);
            CheckShape(sample, pair.Before.Shape);
            CountChange(split, sample, pair);
            if (split.Name == TrainingSplit || plan.Splits.All(other => other.Name != TrainingSplit))
            {
                _statistics.Add(pair.Before);
                _statistics.Add(pair.After);
            }
        }
        catch (DatasetSourceException error)
        {
            foreach (var problem in error.Problems)
                _problems.Add(problem);
        }
    }

    private void CheckShape(PlannedSample sample, ImageShape shape)
    {
        _first ??= (sample, shape);
        var first = _first.Value;
        if (shape.Channels != first.Shape.Channels || shape.Type != first.Shape.Type)
            throw new DatasetSourceException([$"{sample.Pair.Before!.Path} has {shape.Channels} channels of {shape.Type}, but {first.Sample.Pair.Before!.Path} has {first.Shape.Channels} of {first.Shape.Type}. All images of a data set must agree: convert one kind to the other."]);
        if (encoding == PackEncoding.Png && (shape.Type == PixelType.Float32 || shape.Channels is not (1 or 3)))
            throw new DatasetSourceException([$"{sample.Pair.Before!.Path} is {shape}, which a PNG cannot hold. Pack with --encoding raw."]);
    }

    private void CountChange(PlannedSplit split, PlannedSample sample, DecodedPair pair)
    {
        _kinds.Add(pair.Levels.Kind);
        if (pair.Levels.Threshold is not { } threshold)
        {
            _onlyOnes[split.Name] = (_onlyOnes.GetValueOrDefault(split.Name).Pixels + pair.Mask.Bytes.Length, sample.Pair.Mask!.Path);
            return;
        }
        _changed[split.Name] += MaskLevels.Apply(threshold, pair.Mask.Pixels.AsSpan(0, pair.Mask.Bytes.Length));
        if (pair.Levels.Stray > 0)
            _warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{sample.Pair.Mask!.Path} has {pair.Levels.Stray} pixels of a stray grey; those above {threshold} count as change"));
    }

    /// <summary>The threshold of masks that hold nothing but 1, by what the other masks show.</summary>
    private byte OnlyOnes()
    {
        if (_onlyOnes.Count == 0)
            return 0;
        var (oneIsChange, oneIsBackground) = (_kinds.Contains(MaskKind.ZeroAndOne), _kinds.Contains(MaskKind.OneAndTwo));
        if (oneIsChange == oneIsBackground)
            _problems.Add($"{_onlyOnes.First().Value.Example} holds nothing but 1, and the other masks do not show whether that means change (as in 0 and 1) or none (as in 1 and 2). Write masks with 0 for no change and 255 for change.");
        foreach (var (split, ones) in _onlyOnes)
            _changed[split] += oneIsBackground ? 0 : ones.Pixels;
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
        foreach (var split in plan.Splits.Where(split => _changed[split.Name] == 0))
        {
            var said = string.Create(CultureInfo.InvariantCulture, $"The split '{split.Name}' has not one changed pixel in its {split.Samples.Count} masks (the first is {split.Samples[0].Pair.Mask!.Path})");
            if (split.Name == TrainingSplit)
                _problems.Add($"{said}. Nothing could be learned from it: look whether the masks are the right files, with 0 for no change and 255 for change.");
            else
                _warnings.Add($"{said}; scores on it will mean nothing");
        }
    }
}
