using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Masks;

/// <summary>
/// Counts masks by each rule that may turn out to be the data set's: what the user said, or else each that values can say by themselves; and each of them by
/// both meanings of a grey palette. So tars are read once, although the rule is known only when all masks have been seen.
/// </summary>
internal sealed class MaskCandidates
{
    private static readonly string[] s_byValues = ["1", "255", "1,255", "> 127"];

    /// <summary>Each rule on stored values, a palette's indices among them; then, unless it is said what is read, each on a palette's grey levels.</summary>
    private readonly IReadOnlyList<MaskMapping> _candidates;
    private readonly ShardCorruptException?[] _misread;
    private readonly int _rules;

    public MaskCandidates(MaskOptions options)
    {
        IReadOnlyList<ClassManifest>? classes = options.Classes.Count == 0
            ? null
            : [.. options.Classes.Select(one => new ClassManifest(one.Name, one.Values.Text))];
        IReadOnlyList<MaskRules> rules = options.NamesValues
            ? [new(options.Change, classes, options.Ignore, MaskRules.FromOption)]
            : [.. s_byValues.Select(text => new MaskRules(MaskRule.TryParse(text), null, options.Ignore, MaskRules.FromValues))];
        _candidates = options.NamesColours ? Read(MaskUnit.Colour, null)
            : options.Band is { } band ? Read(MaskUnit.Number, band)
            : [.. Read(MaskUnit.Number, 1), .. Read(MaskUnit.Number, null)];
        _misread = new ShardCorruptException?[_candidates.Count];
        _rules = rules.Count;
        Classes = classes?.Count ?? 2;

        IReadOnlyList<MaskMapping> Read(MaskUnit unit, int? channel) => [.. rules.Select(one => new MaskMapping(unit, channel, one))];
    }

    /// <summary>How many there are.</summary>
    public int Count => _candidates.Count;

    /// <summary>How many classes each of them has.</summary>
    public int Classes { get; }

    /// <summary>Counts a mask by each.</summary>
    /// <param name="valid">0 for pixels that are none; null where none is missing.</param>
    /// <param name="misread">Makes an error of one that cannot be read so, or holds a value of no class: it is one if that is the rule in the end.</param>
    public IReadOnlyList<ClassCounts> Measure(MaskImage mask, string name, PixelImage? valid, Func<ImageException, ShardCorruptException> misread)
    {
        var counts = new ClassCounts[Count];
        for (var at = 0; at < Count; at++)
            counts[at] = at >= _rules && !HasGreyPalette(mask) ? counts[at - _rules] : MeasureBy(at);
        return counts;

        ClassCounts MeasureBy(int candidate)
        {
            var found = new ClassCounts(Classes);
            try
            {
                found.Add(_candidates[candidate].Apply(mask, name).Bytes, valid is null ? default : valid.Bytes);
            }
            catch (ImageException error)
            {
                _misread[candidate] ??= misread(error);
            }
            return found;
        }
    }

    /// <summary>Which of them was found to be the data set's.</summary>
    /// <exception cref="PackRequestException">None: it has to be said.</exception>
    /// <exception cref="ShardCorruptException">A mask could not be read by it.</exception>
    public int Find(MaskMapping found)
    {
        var first = found.Unit == MaskUnit.Number && found.Band is null && Count > _rules ? _rules : 0;
        for (var at = first; at < first + _rules; at++)
        {
            var rules = _candidates[at].Rules;
            if (rules.Change == found.Rules.Change && rules.Ignore == found.Rules.Ignore)
                return _misread[at] is { } error ? throw error : at;
        }
        throw new PackRequestException(
            $"The masks mean: {found.Rules}. Say so, since their pixels were not counted by that rule: --mask-change '{found.Rules.Change}'" +
            $"{(found.Rules.Ignore is { } ignore ? $" --mask-ignore '{ignore}'" : "")}.");
    }

    private static bool HasGreyPalette(MaskImage mask) => mask.Palette is { } palette && MaskPixels.IsGrey(palette);
}
