namespace ChangeDetection.Core.Configuration;

/// <summary>A line of a list of names that a config may use.</summary>
/// <param name="Words">What the schema says of it.</param>
internal record KnownName(string Name, string Words)
{
    /// <summary>All of a list, as the description of the key that takes one of them.</summary>
    public static string Describe(IEnumerable<KnownName> known) => $"{string.Join("; ", known.Select(one => $"{one.Name}: {one.Words}"))}.";
}
