using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Datasets.Masks;

/// <summary>
/// Finds the one rule for all masks of a data set: what the user says; else what the layout says; else only what cannot be misread ({0, 1}, {0, 255}, and the
/// two heaps that a lossy format makes of {0, 255}). Anything else stops, with what was found and the options that would settle it: a label that is guessed
/// wrong costs more than a question.
/// </summary>
/// <param name="survey">All masks.</param>
/// <param name="options">What the user says.</param>
/// <param name="layout">What the layout says of these values; null where it says nothing.</param>
internal sealed class MaskRuleFinder(MaskSurvey survey, MaskOptions options, Func<IReadOnlyCollection<long>, MaskRule?> layout)
{
    /// <summary>Levels so near to 0 or 255 belong to its heap.</summary>
    private const int HeapWidth = 32;

    /// <summary>Share of the pixels that lie in the two heaps of a mask in a lossy format; the rest are blurred edges.</summary>
    private const double HeapShare = 0.9;

    /// <summary>Values up to this one are labels that some layout gives a meaning.</summary>
    private const int LastLabel = 2;

    private const int Black = 0, White = 0xFFFFFF;

    private static readonly MaskRule s_one = MaskRule.TryParse("1")!, s_white = MaskRule.TryParse("255")!, s_bright = MaskRule.TryParse("> 127")!;
    private static readonly MaskRule s_oneOrWhite = MaskRule.TryParse("1,255")!;

    /// <summary>The rule, and the values that it is of.</summary>
    /// <param name="warnings">Gets what is odd about it.</param>
    /// <exception cref="DatasetSourceException">The values do not say what they mean, or not what the user says they do.</exception>
    public (MaskMapping Mapping, ValueCounts Values) Find(Action<string> warnings)
    {
        var (unit, band) = Reading();
        var values = Values(unit, band);
        var told = new MaskQuestion(survey, unit, band, values);
        var ignore = Ignored(values, told);
        var labelled = values.Values.Where(value => ignore?.Matches(value) != true).ToList();
        if (labelled.Count == 0)
            throw told.Stop("every pixel of them is unlabelled");
        var rules = OfUser(labelled, told, ignore, warnings) ?? OfLayout(labelled, told, unit, ignore, warnings) ?? OfValues(labelled, unit, values, ignore)
            ?? throw told.Stop("nothing says which of them are change");
        return (new MaskMapping(unit, band, rules), values);
    }

    /// <summary>How the masks are read: all of them in one way.</summary>
    private (MaskUnit Unit, int? Band) Reading()
    {
        if (options.Band is { } band)
            return (MaskUnit.Number, band);
        if (options.NamesColours)
            return (MaskUnit.Colour, null);
        if (survey.Unlike.Count > 0)
            throw MaskQuestion.Channels(survey);
        if (survey.WithPalette.Count == 0)
            return (MaskUnit.Number, null);
        if (survey.WithPalette.Count == survey.Files)
            return (MaskUnit.Index, null);
        if (survey.WithColourPalette.Count > 0)
            throw MaskQuestion.Kinds(survey);
        return (MaskUnit.Number, null);
    }

    private ValueCounts Values(MaskUnit unit, int? band)
    {
        if (unit == MaskUnit.Colour)
            return survey.Colours;
        if (unit == MaskUnit.Index)
            return survey.Indices;
        if (band is not { } number)
            return survey.Numbers.With(survey.GreyIndices);
        if (survey.Channels.Count < number || survey.WithChannels.Count < survey.Files)
            throw MaskQuestion.Band(survey, number);
        return survey.Channels[number - 1];
    }

    /// <summary>The values of unlabelled pixels: those the user names, and the masks' own value for no data where nothing else is said of it.</summary>
    private MaskRule? Ignored(ValueCounts values, MaskQuestion told)
    {
        if (options.Ignore is not null || options.NothingIsIgnored)
            return options.Ignore;
        var tags = survey.NoData.Values.Where(values.Has).ToList();
        if (tags.Contains(0) && !options.Classes.Any(one => one.Values.Matches(0)))
            throw told.NoDataZero();
        var unnamed = tags.Where(value => value != 0 && options.Change?.Matches(value) != true && !options.Classes.Any(one => one.Values.Matches(value)));
        var text = string.Join(',', unnamed);
        return text.Length == 0 ? null : MaskRule.TryParse(text);
    }

    private MaskRules? OfUser(IReadOnlyList<long> labelled, MaskQuestion told, MaskRule? ignore, Action<string> warnings)
    {
        if (options.Change is { } change)
            return OfChange(change, labelled, told, ignore);
        if (options.Classes.Count == 0)
            return null;
        if (labelled.Where(value => !options.Classes.Any(one => one.Values.Matches(value))).ToList() is { Count: > 0 } unnamed)
            throw told.Unnamed(unnamed, options.From);
        foreach (var unused in options.Classes.Where(one => !labelled.Any(one.Values.Matches)))
            warnings($"the class '{unused.Name}' ({unused.Values}) is in no mask; the values that occur: {told.List(labelled)}");
        return new(null, [.. options.Classes.Select(one => new ClassManifest(one.Name, one.Values.Text))], ignore, options.From);
    }

    private MaskRules OfChange(MaskRule change, IReadOnlyList<long> labelled, MaskQuestion told, MaskRule? ignore)
    {
        var matched = labelled.Count(change.Matches);
        // A layout knows its data set, of which this may be a part without change, or of nothing else; the change shares tell.
        if (matched > 0 && matched < labelled.Count || options.From == MaskRules.FromLayout && labelled.Count == 1)
            return new(change, null, ignore, options.From);
        var said = options.From == MaskRules.FromLayout ? $"Change is '{change}' by the layout, which" : $"--mask-change '{change}'";
        var remedy = options.From == MaskRules.FromLayout ? "Say what they mean: --mask-change VALUES, or --class NAME=VALUES for each class." : "Correct it.";
        throw matched == 0
            ? told.Rule($"{said} is none of the values that the masks hold", remedy)
            : told.Rule($"{said} is every value that the masks hold", $"Everything would be change. {remedy}");
    }

    private MaskRules? OfLayout(IReadOnlyList<long> labelled, MaskQuestion told, MaskUnit unit, MaskRule? ignore, Action<string> warnings)
    {
        if (unit != MaskUnit.Number || layout(labelled) is not { } change)
            return null;
        if (labelled.Where(value => value is > LastLabel and < byte.MaxValue).ToList() is { Count: > 0 } greys)
            warnings($"masks hold greys between black and white: {told.Each(greys)}; {change} is change, by the layout");
        return new(change, null, ignore, MaskRules.FromLayout);
    }

    private MaskRules? OfValues(IReadOnlyList<long> labelled, MaskUnit unit, ValueCounts values, MaskRule? ignore)
    {
        if (unit == MaskUnit.Colour)
            return null;
        var change = !labelled.Contains(0) ? null
            : labelled.All(value => value is 0 or 1) ? s_one
            : labelled.All(value => value is 0 or byte.MaxValue) ? s_white
            : IsOneBitBesideBytes(labelled) ? s_oneOrWhite
            : HasTwoHeaps(values) ? s_bright
            : null;
        return change is null || IsTurnedRound(unit, labelled) ? null : new(change, null, ignore, MaskRules.FromValues);
    }

    /// <summary>White is 1 in a mask of one bit, and 255 in one of eight.</summary>
    private bool IsOneBitBesideBytes(IReadOnlyList<long> labelled) => labelled.All(value => value is 0 or 1 or byte.MaxValue)
        && survey.OneBit.Has(1) && survey.OneBit[1].Files == survey.Numbers[1].Files;

    private bool HasTwoHeaps(ValueCounts values)
    {
        if (survey.Lossy.Count < survey.Files || values.Values.Any(value => value is < 0 or > byte.MaxValue))
            return false;
        var heaps = values.All.Where(value => value.Key is < HeapWidth or > byte.MaxValue - HeapWidth).ToList();
        return heaps.Sum(value => value.Value.Pixels) >= HeapShare * values.Pixels && heaps.Exists(value => value.Key > byte.MaxValue - HeapWidth);
    }

    /// <summary>A palette that shows index 0 white and the other black: as indices and as greys it means the opposite.</summary>
    private bool IsTurnedRound(MaskUnit unit, IReadOnlyList<long> labelled) => unit == MaskUnit.Index && labelled.Count > 1
        && survey.Palette is { } palette && palette[0] == White && palette[(int)labelled[^1]] == Black;
}
