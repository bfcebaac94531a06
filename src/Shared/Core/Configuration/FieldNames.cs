using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// Which fields of a shard play the parts of before, after and mask. A name means the field itself (<c>a.png</c>) or, without an extension,
/// that role in any encoding (<c>a</c>: <c>a.png</c>, <c>a.tif</c>).
/// </summary>
public sealed record FieldNames(string Before, string After, string Mask)
{
    /// <summary>The names that <c>dataset pack</c> writes.</summary>
    public static FieldNames Packed { get; } = new(SampleFields.Before, SampleFields.After, SampleFields.Mask);

    [JsonIgnore]
    public IReadOnlyList<(string Role, string Name)> Pairs => [(SampleFields.Before, Before), (SampleFields.After, After), (SampleFields.Mask, Mask)];

    /// <summary>The part (<see cref="SampleFields"/>) that a field plays; null for none.</summary>
    public string? RoleOf(string field) =>
        Means(Before, field) ? SampleFields.Before : Means(After, field) ? SampleFields.After : Means(Mask, field) ? SampleFields.Mask : null;

    /// <summary>What is wrong with the names, as a sentence; null when nothing is.</summary>
    public string? Violation()
    {
        foreach (var (role, name) in Pairs)
        {
            if (Storage.ObjectKeyRules.SegmentViolation(name) is { } rule)
                return $"The field name '{name}' for {role} {rule}.";
        }
        var (before, after, mask) = (Before, After, Mask);
        return Means(before, after) || Means(after, before) || Means(before, mask) || Means(mask, before) || Means(after, mask) || Means(mask, after)
            ? $"The fields for before, after and mask ({before}, {after}, {mask}) must be three different ones."
            : null;
    }

    private static bool Means(string name, string field) => name == field || SampleFields.Role(field) == name;
}
