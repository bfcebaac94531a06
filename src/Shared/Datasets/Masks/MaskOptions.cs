using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Masks;

/// <summary>What the user says of a data set's masks; what is not said is found from the layout or the values.</summary>
public sealed record MaskOptions
{
    /// <summary>Nothing was said.</summary>
    public static MaskOptions None { get; } = new();

    /// <summary>The values that are change (<c>--mask-change</c>).</summary>
    public MaskRule? Change { get; init; }

    /// <summary>The classes, no change first (<c>--class</c>); empty for change and no change alone.</summary>
    public IReadOnlyList<ClassRule> Classes { get; init; } = [];

    /// <summary>The values of unlabelled pixels (<c>--mask-ignore</c>).</summary>
    public MaskRule? Ignore { get; init; }

    /// <summary>Whether it was said that no pixel is unlabelled (<c>--mask-ignore none</c>).</summary>
    public bool NothingIsIgnored { get; init; }

    /// <summary>The channel to read, from 1 (<c>--mask-band</c>).</summary>
    public int? Band { get; init; }

    /// <summary>Who said which values are change or of which class: <see cref="MaskRules.FromOption"/> or <see cref="MaskRules.FromLayout"/>.</summary>
    internal string From { get; private init; } = MaskRules.FromOption;

    /// <summary>Whether the values that are named are colours.</summary>
    public bool NamesColours => Rules.Any(rule => rule.IsOfColours);

    /// <summary>Whether it was said which values are change or of which class.</summary>
    public bool NamesValues => Change is not null || Classes.Count > 0;

    private IEnumerable<MaskRule> Rules => Classes.Select(one => one.Values).Append(Change!).Append(Ignore!).Where(rule => rule is not null);

    /// <summary>Reads what stands on the command line.</summary>
    /// <exception cref="PackRequestException">A text is no rule, or two contradict each other.</exception>
    public static MaskOptions Parse(string? change, IReadOnlyList<ClassRule> classes, string? ignore, int? band)
    {
        if (change is not null && classes.Count > 0)
            throw new PackRequestException("--mask-change and --class are two ways to read a mask. Give one of them.");
        var options = new MaskOptions
        {
            Change = change is null ? null : Rule("--mask-change", change),
            Classes = ClassRule.Checked(classes),
            NothingIsIgnored = ignore is "none",
            Ignore = ignore is null or "none" ? null : Rule("--mask-ignore", ignore),
            Band = band,
        };
        if (options.NamesColours && (options.Rules.Any(rule => !rule.IsOfColours) || band is not null))
            throw new PackRequestException(
                "Some values of the masks are named as colours and others as numbers, or of one channel (--mask-band). Name all as colours, such as #ff0000, " +
                "or all as numbers.");
        if (options.Ignore is { } ignored)
            Contradiction(options, ignored);
        return options;
    }

    /// <summary>What was said, and for the rest what the layout says.</summary>
    /// <exception cref="PackRequestException">What both say together contradicts itself.</exception>
    internal MaskOptions Over(LayoutMasks? layout)
    {
        if (layout is null)
            return this;
        var both = this with
        {
            Change = NamesValues ? Change : layout.Change,
            Classes = NamesValues ? Classes : [.. layout.Classes.Select(one => new ClassRule(one.Name, one.Values))],
            From = NamesValues ? MaskRules.FromOption : MaskRules.FromLayout,
            Ignore = Ignore is not null || NothingIsIgnored ? Ignore : layout.Ignore,
            Band = Band ?? (NamesValues && NamesColours ? null : layout.Band),
        };
        // Numbers of the user's over colours of the layout's, or the other way round: what the layout says of unlabelled pixels is of another kind then.
        return Checked(NamesValues && both.Ignore == layout.Ignore && layout.Ignore?.IsOfColours != NamesColours ? both with { Ignore = null } : both);
    }

    private static MaskOptions Checked(MaskOptions options)
    {
        if (options.NamesColours && (options.Rules.Any(rule => !rule.IsOfColours) || options.Band is not null))
            throw new PackRequestException(
                "Some values of the masks are named as colours and others as numbers, or of one channel (--mask-band); some of this the layout says. Name " +
                "all as colours, such as #ff0000, or all as numbers.");
        if (options.Ignore is { } ignored)
            Contradiction(options, ignored);
        return options;
    }

    private static void Contradiction(MaskOptions options, MaskRule ignored)
    {
        if (options.Change?.InCommonWith(ignored) is { } both)
            throw new PackRequestException(
                $"The value {options.Text(both)} is both change (--mask-change) and unlabelled (--mask-ignore). Take it out of one of them.");
        foreach (var one in options.Classes)
        {
            if (one.Values.InCommonWith(ignored) is { } value)
                throw new PackRequestException(
                    $"The value {options.Text(value)} is both of the class '{one.Name}' and unlabelled (--mask-ignore). Take it out of one of them.");
        }
    }

    private string Text(long value) => NamesColours ? MaskRule.Colour(value) : value.ToString(CultureInfo.InvariantCulture);

    private static MaskRule Rule(string option, string text) =>
        MaskRule.TryParse(text) ?? throw new PackRequestException($"{option} '{text}' is not {MaskRule.Form}.");
}
