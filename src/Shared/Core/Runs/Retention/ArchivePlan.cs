namespace ChangeDetection.Core.Runs.Retention;

/// <summary>An experiment that is archived, or taken back.</summary>
/// <param name="WasSo">It was so before; nothing changed.</param>
/// <param name="Bytes">Of its objects that go.</param>
public sealed record ArchivedExperiment(Guid Id, string Name, int Runs, bool WasSo, long Bytes);

/// <summary>Why an experiment is not archived, nor any other that was named.</summary>
/// <param name="Run">The run in the way; null where the id is none of an experiment.</param>
public sealed record ArchiveRefusal(Guid Id, Guid? Run, string Words);

/// <summary>What archiving does, or would do: all of it, or, where anything is refused, nothing.</summary>
public sealed record ArchivePlan(IReadOnlyList<ArchivedExperiment> Experiments, IReadOnlyList<ArchiveRefusal> Refusals);
