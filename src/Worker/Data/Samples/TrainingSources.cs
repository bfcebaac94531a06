using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>The splits that are trained on: the data set's own, and those of <c>dataset.train.mix</c>.</summary>
internal static class TrainingSources
{
    /// <summary>Opens the data sets of the mix, in its order.</summary>
    /// <exception cref="DatasetMissingException">One is not there.</exception>
    /// <exception cref="DatasetMismatchException">One has other channels, other classes or no such split.</exception>
    public static async Task<IReadOnlyList<(ShardDataset Dataset, SplitManifest Split)>> OpenMixAsync(
        ExperimentConfig config, ShardDataset first, DatasetAccess datasets, CancellationToken cancellationToken)
    {
        var mixed = new List<(ShardDataset, SplitManifest)>();
        for (var index = 0; index < config.Dataset.Train.Mix.Count; index++)
        {
            var dataset = await datasets.OpenAsync(config.Dataset.Train.Mix[index].Uri, cancellationToken);
            mixed.Add((dataset, DatasetCompatibility.CheckMixed(config, index, dataset, first)));
        }
        return mixed;
    }

    /// <summary>
    /// What is drawn from, and how often. With <c>balance</c> each split falls into its samples with a change and those without; the first have that share of
    /// the split's draws.
    /// </summary>
    public static IReadOnlyList<Stratum> Strata(TrainSplitConfig train, IReadOnlyList<SplitManifest> splits)
    {
        var strata = new List<Stratum>();
        for (var source = 0; source < splits.Count; source++)
        {
            var weight = Weight(train, source);
            if (train.Balance is not { } share)
            {
                strata.Add(Stratum.Whole(source, weight, splits[source]));
                continue;
            }
            var changed = splits[source].ChangedSamples()
                ?? throw new InvalidOperationException("DatasetCompatibility has checked that the data set tells changed samples.");
            strata.Add(Stratum.Of(source, weight * share, changed));
            if (share < 1)
                strata.Add(Stratum.Of(source, weight * (1 - share), [.. changed.Select(bits => bits.Complement())]));
        }
        return strata;
    }

    /// <summary>Each class's share of the pixels drawn, taking a split's images to be of one size: what <c>class_weights: auto</c> weighs against.</summary>
    public static IReadOnlyList<double> ClassFractions(DatasetConfig config, IReadOnlyList<SplitManifest> splits)
    {
        var drawn = splits.Select(split => DrawnFractions(config, split)).ToList();
        if (splits.Count == 1)
            return drawn[0];
        var weights = splits.Select((_, source) => Weight(config.Train, source)).ToList();
        var changed = Enumerable.Range(1, drawn[0].Count - 1)
            .Select(label => drawn.Select((fractions, source) => weights[source] * fractions[label]).Sum() / weights.Sum()).ToList();
        return [1 - changed.Sum(), .. changed];
    }

    /// <summary>
    /// Names all data sets down to their last bit: a data set's own SHA-256 while there is one, else the SHA-256 of all of theirs, a line each.
    /// </summary>
    public static string Sha256Of(IReadOnlyList<ShardDataset> datasets) => datasets.Count == 1
        ? datasets[0].ManifestSha256
        : Sha256Hex.Of(string.Join('\n', datasets.Select(dataset => dataset.ManifestSha256)));

    private static double Weight(TrainSplitConfig train, int source) => source == 0 ? 1 : train.Mix[source - 1].Weight;

    /// <summary>Of a split: of its classes, or of no change and change where that is what labels are.</summary>
    private static IReadOnlyList<double> DrawnFractions(DatasetConfig config, SplitManifest split)
    {
        var share = split.ChangeFractionBy(config.Mask.Change);
        var drawn = config.Train.Balance is { } balance && split.ChangedSamples() is { } changed
            ? Math.Min(1, share / ((double)changed.Sum(bits => bits.Set) / split.Samples) * balance)
            : share;
        if (config.Mask.Change is not null || split.ClassFractions is not { } fractions)
            return [1 - drawn, drawn];
        return share == 0 ? fractions : [1 - drawn, .. fractions.Skip(1).Select(fraction => fraction * (drawn / share))];
    }
}
