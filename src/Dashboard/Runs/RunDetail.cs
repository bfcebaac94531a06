using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>Everything a run's page shows.</summary>
public sealed record RunDetail
{
    public required Run Run { get; init; }
    public required Experiment Experiment { get; init; }
    /// <summary>The run's own config, indented JSON with every default filled in.</summary>
    public required string Config { get; init; }
    /// <summary>Every run of the experiment, this one too.</summary>
    public required IReadOnlyList<Run> Family { get; init; }
    /// <summary>Experiments whose results must be equal.</summary>
    public required IReadOnlyList<Experiment> EqualExperiments { get; init; }
    /// <summary>The run's own, and the test scores of the newest evaluation of its checkpoint.</summary>
    public required IReadOnlyDictionary<string, MetricSummary> Metrics { get; init; }
    public required IReadOnlyList<Attempt> Attempts { get; init; }
    public required IReadOnlyList<RunEvent> Events { get; init; }
    public required IReadOnlyList<CheckpointRecord> Checkpoints { get; init; }
    public required IReadOnlyList<ArtifactRecord> Artifacts { get; init; }
    /// <summary>The newest lines.</summary>
    public required IReadOnlyList<LogLine> Log { get; init; }
    /// <summary>The machine it runs on; null while it does not run.</summary>
    public string? Host { get; init; }

    /// <summary>It was deleted since; the rest is as it was before.</summary>
    public bool Deleted { get; init; }

    /// <summary>An evaluation's report; null for a run that has none.</summary>
    public ArtifactRecord? Report => Artifacts.FirstOrDefault(artifact => artifact.Name == RunObject.ReportPage);

    /// <summary>The same for programs.</summary>
    public ArtifactRecord? ReportData => Artifacts.FirstOrDefault(artifact => artifact.Name == RunObject.ReportJson);

    /// <summary>What a browser shows.</summary>
    public IEnumerable<ArtifactRecord> Pictures => Artifacts.Where(IsPicture);

    /// <summary>What is there to save.</summary>
    public IEnumerable<ArtifactRecord> Files =>
        Artifacts.Where(artifact => !IsPicture(artifact) && artifact.Name is not (RunObject.ReportPage or RunObject.ReportJson));

    private static bool IsPicture(ArtifactRecord artifact) =>
        artifact.ContentType.StartsWith("image/", StringComparison.Ordinal) && artifact.ContentType != PredictionOutputs.Classes.ContentType;
}
