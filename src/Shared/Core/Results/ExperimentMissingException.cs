namespace ChangeDetection.Core.Results;

/// <summary>No experiment has this id; the message says where ids stand.</summary>
public sealed class ExperimentMissingException(Guid id)
    : Exception($"There is no experiment {id}. 'changedetection list --json' shows each run's, and 'submit' prints it.");
