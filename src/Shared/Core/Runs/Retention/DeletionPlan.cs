namespace ChangeDetection.Core.Runs.Retention;

/// <summary>A run that goes, or would go.</summary>
/// <param name="DependsOn">The run whose checkpoint it reads, where it goes along with that one; null: it was named.</param>
/// <param name="Bytes">Of its objects, by kind.</param>
public sealed record RunToDelete(
    Guid Id, Guid Experiment, string Name, RunKind Kind, RunState State, Guid? DependsOn, IReadOnlyDictionary<string, long> Bytes);

/// <summary>An experiment that goes with its last run.</summary>
public sealed record ExperimentToDelete(Guid Id, string Name);

/// <summary>Why a run stays, and with it all others that were named.</summary>
/// <param name="By">The run that depends on it; null where it is its own state.</param>
/// <param name="Words">Behind the run's name: what is the matter, and what to do.</param>
public sealed record DeletionRefusal(Guid Run, string Name, RunState State, Guid? By, string Words);

/// <summary>What a deletion takes, or would take: all of it, or, where anything is refused, nothing.</summary>
public sealed record DeletionPlan
{
    public IReadOnlyList<RunToDelete> Runs { get; init; } = [];
    public IReadOnlyList<ExperimentToDelete> Experiments { get; init; } = [];
    public IReadOnlyList<DeletionRefusal> Refusals { get; init; } = [];
    /// <summary>Named, and deleted before: nothing is left to do.</summary>
    public IReadOnlyList<DeletedRun> DeletedBefore { get; init; } = [];
    /// <summary>Named, and never heard of.</summary>
    public IReadOnlyList<Guid> Unknown { get; init; } = [];
    /// <summary>Rows by table.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init; } = new Dictionary<string, long>();

    public bool IsPossible => Refusals.Count == 0 && Unknown.Count == 0;

    /// <summary>Of all objects, by kind.</summary>
    public IReadOnlyDictionary<string, long> Bytes => Runs.SelectMany(run => run.Bytes).GroupBy(kind => kind.Key, StringComparer.Ordinal)
        .ToDictionary(kind => kind.Key, kind => kind.Sum(one => one.Value), StringComparer.Ordinal);
}
