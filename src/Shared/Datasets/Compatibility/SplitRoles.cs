using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>Which splits of a data set play which part for a config. With <c>dataset.fold</c> it follows from the folds that there are.</summary>
/// <param name="Train">What is trained on: a split, or the name of all other folds together (<see cref="DatasetFolds.Join"/>).</param>
/// <param name="Validate">Null for none.</param>
/// <param name="Test">Null for none. Where the data set has folds and no <c>test</c>, it is the fold that is validated on.</param>
public sealed record SplitRoles(string Train, string? Validate, string? Test)
{
    /// <param name="manifest">Of a data set that <see cref="DatasetFolds.Join"/> has let pass.</param>
    public static SplitRoles Of(DatasetConfig config, DatasetManifest manifest)
    {
        if (config.Fold is not { } fold)
            return new(config.Train.Split, config.Validate?.Split, config.Test?.Split);
        var own = FoldNames.Of(fold);
        var test = config.Test is { Split: "test" } && !manifest.Splits.ContainsKey("test") ? own : config.Test?.Split;
        return new(DatasetFolds.OthersOf(fold, manifest), config.Validate is null ? null : own, test);
    }
}
