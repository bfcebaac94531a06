using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Shards;

/// <summary>A class of a data set's masks. Its number, which is what the masks hold, is its place in the list; the first one is no change.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Values">Which values of the source's masks it was made of, as a <see cref="MaskRule"/>.</param>
public sealed record ClassManifest(string Name, string Values)
{
    /// <summary>What is wrong with the classes of a manifest, as the ends of sentences.</summary>
    internal static IEnumerable<string> Violations(DatasetManifest manifest)
    {
        if (manifest.Classes is not { } classes)
        {
            if (manifest.Splits.Values.Any(split => split.ClassFractions is not null))
                yield return "a split has class_fractions, and there are no classes";
            yield break;
        }
        if (classes.Count is < 2 or > ModelConfig.MaxClasses)
            yield return $"there are {classes.Count} classes, not 2 to {ModelConfig.MaxClasses}";
        if (classes.Any(one => one is null))
        {
            yield return "a class is null";
            yield break;
        }
        foreach (var (name, values) in classes)
        {
            if (DatasetManifestRules.NameViolation(name) is { } rule)
                yield return $"the class '{name}' {rule}";
            if (MaskRule.TryParse(values) is null)
                yield return $"the values '{values}' of the class '{name}' are not {MaskRule.Form}";
        }
        if (classes.Select(one => one.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() != classes.Count)
            yield return "two classes have one name";
        foreach (var (name, split) in manifest.Splits)
        {
            if (split.ClassFractions is not { } fractions)
                yield return $"the split '{name}' has no class_fractions";
            else if (fractions.Count != classes.Count || fractions.Any(fraction => fraction is not (>= 0 and <= 1)) || Math.Abs(fractions.Sum() - 1) > 1e-6)
                yield return $"the split '{name}' has class_fractions that are not a share for each of the {classes.Count} classes, together 1";
        }
    }
}
