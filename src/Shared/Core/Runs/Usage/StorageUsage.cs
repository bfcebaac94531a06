using ChangeDetection.Core.Runs.Retention;

namespace ChangeDetection.Core.Runs.Usage;

/// <summary>What an experiment takes.</summary>
/// <param name="Id">Null for what belongs to none: of runs that were deleted, or that are yet to be queued.</param>
/// <param name="Runs">How many.</param>
/// <param name="Unfinished">Of these.</param>
/// <param name="Kinds">Bytes of objects by <see cref="StoredKinds"/>.</param>
/// <param name="Rows">By table, of those that grow with training.</param>
/// <param name="DatabaseBytes">Its share of these tables, by its rows: approximate.</param>
/// <param name="ArchiveFrees">Bytes of objects that archiving it would let go; 0 where it is archived, or has not ended.</param>
public sealed record ExperimentUsage(
    Guid? Id, string Name, DateTime? CreatedAt, bool Archived, int Runs, int Unfinished,
    IReadOnlyDictionary<string, long> Kinds, IReadOnlyDictionary<string, long> Rows, long DatabaseBytes, long ArchiveFrees)
{
    /// <summary>Of all objects.</summary>
    public long Bytes => Kinds.Values.Sum();
}

/// <summary>A table, or another program's tables together.</summary>
/// <param name="Bytes">With indexes and what is stored out of line.</param>
/// <param name="Rows">As the server estimates them; exact of tables that are counted.</param>
public sealed record TableUsage(string Name, long Bytes, long Rows);

/// <summary>What can go.</summary>
/// <param name="Bytes">Of objects.</param>
/// <param name="Command">That lets it go; null where it goes by itself.</param>
public sealed record Freeable(string What, long Bytes, string? Command);

/// <summary>What a system takes in its store and its database, by the rows that know.</summary>
public sealed record StorageUsage
{
    /// <summary>Bytes of objects, by <see cref="StoredKinds"/>.</summary>
    public required IReadOnlyDictionary<string, long> Kinds { get; init; }
    /// <summary>Those that take most first.</summary>
    public required IReadOnlyList<ExperimentUsage> Experiments { get; init; }
    /// <summary>The largest first.</summary>
    public required IReadOnlyList<TableUsage> Tables { get; init; }
    public required long DatabaseBytes { get; init; }
    public required IReadOnlyList<Freeable> CouldGo { get; init; }
    public long Bytes => Kinds.Values.Sum();
}
