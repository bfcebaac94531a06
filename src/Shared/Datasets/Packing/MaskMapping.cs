using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Packing;

/// <summary>What the values of a source's masks mean, where the user says so: which are change, or which class each is of.</summary>
public sealed class MaskMapping
{
    /// <summary>Of a value that no class has.</summary>
    private const byte Unlisted = byte.MaxValue;
    private readonly byte[] _table = new byte[byte.MaxValue + 1];

    private MaskMapping(MaskRule? change, IReadOnlyList<ClassManifest>? classes) => (Change, Classes) = (change, classes);

    /// <summary>The values that are change; null where there are classes.</summary>
    public MaskRule? Change { get; }

    /// <summary>The classes, no change first; null where there is change or none.</summary>
    public IReadOnlyList<ClassManifest>? Classes { get; }

    /// <summary>Change and no change: masks become 255 and 0.</summary>
    public static MaskMapping OfChange(MaskRule rule)
    {
        var mapping = new MaskMapping(rule, null);
        for (var value = 0; value < mapping._table.Length; value++)
            mapping._table[value] = rule.Matches((byte)value) ? byte.MaxValue : (byte)0;
        return mapping;
    }

    /// <summary>Classes: masks become their numbers.</summary>
    /// <exception cref="PackRequestException">Fewer than two, or one name or value is in two of them.</exception>
    public static MaskMapping OfClasses(IReadOnlyList<ClassRule> rules)
    {
        if (rules.Count is < 2 or > ModelConfig.MaxClasses)
            throw new PackRequestException(
                string.Create(
                CultureInfo.InvariantCulture,
                $"--class is given {rules.Count} times, and there are 2 to {ModelConfig.MaxClasses} classes: first that of no change, then the " +
                $"others. The form is {ClassRule.Syntax}."));
        if (rules.GroupBy(rule => rule.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twins)
            throw new PackRequestException($"--class names '{twins.Key}' twice. Give each class a name of its own, and all of its values at once.");
        var mapping = new MaskMapping(null, [.. rules.Select(rule => new ClassManifest(rule.Name, rule.Values.Text))]);
        for (var value = 0; value < mapping._table.Length; value++)
        {
            var owners = rules.Where(rule => rule.Values.Matches((byte)value)).ToList();
            if (owners.Count > 1)
                throw new PackRequestException(
                    string.Create(
                    CultureInfo.InvariantCulture,
                    $"--class: the value {value} is in both '{owners[0].Name}' and '{owners[1].Name}'. Give it to one of them."));
            mapping._table[value] = owners.Count == 1 ? (byte)rules.ToList().IndexOf(owners[0]) : Unlisted;
        }
        return mapping;
    }

    /// <summary>Whether a value is of some class; any is, where there are none.</summary>
    internal bool Knows(byte value) => Classes is null || _table[value] != Unlisted;

    /// <summary>Translates a mask, and counts the pixels that are not of the first class, or that are change.</summary>
    internal long Apply(Span<byte> mask)
    {
        var changed = 0L;
        foreach (ref var value in mask)
        {
            value = _table[value];
            changed += value != 0 ? 1 : 0;
        }
        return changed;
    }

    /// <summary>The classes that none of the values is of.</summary>
    internal IEnumerable<ClassManifest> Unused(IReadOnlyList<byte> values) =>
        Classes?.Where((_, label) => !values.Any(value => _table[value] == label)) ?? [];
}

/// <summary>One <c>--class NAME=VALUES</c>.</summary>
public sealed record ClassRule(string Name, MaskRule Values)
{
    public const string Syntax = "NAME=VALUES, such as building=1 or water=4,7-9, first the class of no change";

    /// <exception cref="PackRequestException">The text is not of this form.</exception>
    public static ClassRule Parse(string text)
    {
        if (text.Split('=', 2) is not [var name, var values])
            throw new PackRequestException($"--class '{text}' is not of the form {Syntax}.");
        if (DatasetManifestRules.NameViolation(name.Trim()) is { } violation)
            throw new PackRequestException($"--class '{text}': the name of a class {violation}. The form is {Syntax}.");
        return new(
            name.Trim(), MaskRule.TryParse(values)
            ?? throw new PackRequestException($"--class '{text}': '{values}' is not {MaskRule.Form}. The form is {Syntax}."));
    }
}
