namespace ChangeDetection.Core.Database;

/// <summary>How the schema of a database stands to what a program knows.</summary>
/// <param name="Newest">The last step that it has had; null where it has had none.</param>
/// <param name="Missing">The first step that it lacks.</param>
/// <param name="Edited">A step that it has had in another wording.</param>
/// <param name="Unknown">A step that the program does not know.</param>
internal sealed record SchemaStand(string? Newest, string? Missing, string? Edited, string? Unknown)
{
    /// <param name="scripts">The program's, oldest first.</param>
    /// <param name="applied">The database's, hashes by name; null where it was never migrated.</param>
    public static SchemaStand Of(IReadOnlyList<MigrationScript> scripts, IReadOnlyDictionary<string, string>? applied)
    {
        if (applied is null)
            return new SchemaStand(null, scripts[0].Name, null, null);
        return new SchemaStand(
            applied.Keys.Max(StringComparer.Ordinal),
            scripts.FirstOrDefault(script => !applied.ContainsKey(script.Name))?.Name,
            scripts.FirstOrDefault(script => applied.TryGetValue(script.Name, out var hash) && hash != script.Sha256)?.Name,
            applied.Keys.Except(scripts.Select(script => script.Name)).Min(StringComparer.Ordinal));
    }
}
