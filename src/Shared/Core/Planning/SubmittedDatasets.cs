using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs.Datasets;

namespace ChangeDetection.Core.Planning;

/// <summary>Gives planned runs the data sets that they were submitted with.</summary>
public static class SubmittedDatasets
{
    /// <summary>The plan, each of its runs with those of the data sets that its config names.</summary>
    /// <param name="datasets">As they were found.</param>
    public static ExperimentPlan With(this ExperimentPlan plan, IReadOnlyList<DatasetReference> datasets) => plan with
    {
        Runs = [.. plan.Runs.Select(run => run with { Datasets = Of(ExperimentJson.Deserialize(run.ConfigJson).Dataset, datasets) })],
    };

    private static IReadOnlyList<DatasetReference> Of(DatasetConfig config, IReadOnlyList<DatasetReference> datasets)
    {
        var named = config.Train.Mix.Select(mixed => mixed.Uri).Prepend(config.Uri).ToHashSet();
        return [.. datasets.Where(dataset => named.Contains(dataset.Uri))];
    }
}
