namespace ChangeDetection.Core.Queue;

/// <summary>
/// The types that a queue row may name, by alias. Hangfire would otherwise load and call whatever public method a row names;
/// with this list a row that somebody wrote by hand is refused before anything is loaded.
/// </summary>
public static class JobTypes
{
    private static readonly Dictionary<string, Type> s_types = new(StringComparer.Ordinal)
    {
        ["run"] = typeof(IRunJob),
        ["guid"] = typeof(Guid),
        ["token"] = typeof(CancellationToken),
    };

    private static readonly Dictionary<Type, string> s_aliases = s_types.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <exception cref="JobTypeRefusedException">The type is not on the list.</exception>
    public static string Alias(Type type) => s_aliases.TryGetValue(type, out var alias) ? alias : throw new JobTypeRefusedException(type.Name);

    /// <exception cref="JobTypeRefusedException">The name is not on the list.</exception>
    public static Type Resolve(string alias) => s_types.TryGetValue(alias, out var type) ? type : throw new JobTypeRefusedException(alias);
}

/// <summary>A queue row names a type that no job of ours has.</summary>
public sealed class JobTypeRefusedException(string name)
    : Exception(
        $"A queue row names the type '{(name.Length > 200 ? name[..200] + "…" : name)}', which is not on the list of job types. It is not loaded. " +
        "Delete the row if nobody knows it.");
