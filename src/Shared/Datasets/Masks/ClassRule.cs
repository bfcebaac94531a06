using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Masks;

/// <summary>One <c>--class NAME=VALUES</c>.</summary>
public sealed record ClassRule(string Name, MaskRule Values)
{
    public const string Syntax = "NAME=VALUES, such as building=1, water=4,7-9 or road=#ff0000, first the class of no change";

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

    /// <exception cref="PackRequestException">There is one class alone, or too many, or one name or value is in two of them.</exception>
    internal static IReadOnlyList<ClassRule> Checked(IReadOnlyList<ClassRule> rules)
    {
        if (rules.Count == 0)
            return rules;
        if (rules.Count is < 2 or > ModelConfig.MaxClasses)
            throw new PackRequestException(
                string.Create(
                CultureInfo.InvariantCulture,
                $"--class is given {rules.Count} times, and there are 2 to {ModelConfig.MaxClasses} classes: first that of no change, then the " +
                $"others. The form is {Syntax}."));
        if (rules.GroupBy(rule => rule.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twins)
            throw new PackRequestException($"--class names '{twins.Key}' twice. Give each class a name of its own, and all of its values at once.");
        for (var one = 0; one < rules.Count; one++)
        {
            foreach (var other in rules.Skip(one + 1))
            {
                if (rules[one].Values.InCommonWith(other.Values) is { } value)
                    throw new PackRequestException(
                        $"--class: the value {(other.Values.IsOfColours ? MaskRule.Colour(value) : value)} is in both '{rules[one].Name}' and " +
                        $"'{other.Name}'. Give it to one of them.");
            }
        }
        return rules;
    }
}
