using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Masks;

/// <summary>Labelled pixels of some masks by class, and those without a label.</summary>
internal sealed class LabelCounts(int classes)
{
    private readonly long[] _classes = new long[classes];

    public IReadOnlyList<long> Classes => _classes;

    public long Ignored { get; private set; }

    public long Labelled => _classes.Sum();

    public long Changed => Labelled - _classes[0];

    /// <param name="mask">Classes.</param>
    /// <param name="valid">0 for pixels that are none; empty where none is missing.</param>
    public void Add(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> valid)
    {
        for (var at = 0; at < mask.Length; at++)
        {
            if (mask[at] == MaskReader.Ignored || !valid.IsEmpty && valid[at] == 0)
                Ignored++;
            else
                _classes[mask[at]]++;
        }
    }

    public void Add(LabelCounts other)
    {
        for (var label = 0; label < _classes.Length; label++)
            _classes[label] += other._classes[label];
        Ignored += other.Ignored;
    }
}

/// <summary>
/// Counts masks by each rule that may turn out to be the data set's: what the user said, or else each that values can say by themselves. So tars are read
/// once, although their rule is known only when all masks have been seen.
/// </summary>
internal sealed class MaskCandidates
{
    private static readonly string[] s_byValues = ["1", "255", "1,255", "> 127"];

    private readonly MaskOptions _options;
    private readonly IReadOnlyList<MaskRules> _rules;

    public MaskCandidates(MaskOptions options)
    {
        _options = options;
        IReadOnlyList<ClassManifest>? classes = options.Classes.Count == 0
            ? null
            : [.. options.Classes.Select(one => new ClassManifest(one.Name, one.Values.Text))];
        _rules = options.NamesValues
            ? [new(options.Change, classes, options.Ignore, MaskRules.FromOption)]
            : [.. s_byValues.Select(text => new MaskRules(MaskRule.TryParse(text), null, options.Ignore, MaskRules.FromValues))];
        Classes = classes?.Count ?? 2;
    }

    /// <summary>How many rules are tried.</summary>
    public int Count => _rules.Count;

    /// <summary>How many classes each of them has.</summary>
    public int Classes { get; }

    /// <summary>Counts a mask by each.</summary>
    /// <param name="valid">0 for pixels that are none; null where none is missing.</param>
    /// <exception cref="ImageException">It cannot be read so, or holds a value of no class.</exception>
    public IReadOnlyList<LabelCounts> Measure(MaskImage mask, string name, PixelImage? valid)
    {
        var unit = _options.NamesColours ? MaskUnit.Colour : _options.Band is null && mask.Palette is not null ? MaskUnit.Index : MaskUnit.Number;
        var band = _options.Band ?? (unit == MaskUnit.Number && mask.Channels > 1 ? 1 : null);
        return [.. _rules.Select(rules =>
        {
            var counts = new LabelCounts(Classes);
            counts.Add(new MaskMapping(unit, band, rules).Apply(mask, name).Bytes, valid is null ? default : valid.Bytes);
            return counts;
        })];
    }

    /// <summary>Which of the rules was found to be the data set's.</summary>
    /// <exception cref="PackRequestException">None of them: it has to be said.</exception>
    public int Find(MaskMapping found)
    {
        for (var at = 0; at < _rules.Count; at++)
        {
            if (_rules[at].Change == found.Rules.Change && _rules[at].Ignore == found.Rules.Ignore)
                return at;
        }
        throw new PackRequestException(
            $"The masks mean: {found.Rules}. Say so, since their pixels were not counted by that rule: --mask-change '{found.Rules.Change}'" +
            $"{(found.Rules.Ignore is { } ignore ? $" --mask-ignore '{ignore}'" : "")}.");
    }
}
