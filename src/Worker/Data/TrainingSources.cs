using System.Text;
using ChangeDetection.Configuration;
using ChangeDetection.Shards;
using ChangeDetection.Storage;

namespace ChangeDetection.Worker.Data;

/// <summary>The splits that are trained on: the data set's own, and those of <c>dataset.train.mix</c>.</summary>
internal static class TrainingSources
{
    /// <summary>Opens the data sets of the mix, in its order.</summary>
    /// <exception cref="DatasetMissingException">One is not there.</exception>
    /// <exception cref="DatasetMismatchException">One has other channels or no such split.</exception>
    public static async Task<IReadOnlyList<(ShardDataset Dataset, SplitManifest Split)>> OpenMixAsync(ExperimentConfig config, CancellationToken cancellationToken)
    {
        var mixed = new List<(ShardDataset, SplitManifest)>();
        for (var index = 0; index < config.Dataset.Train.Mix.Count; index++)
        {
            var dataset = await ShardDataset.OpenAsync(ObjectStores.Open(config.Dataset.Train.Mix[index].Uri), cancellationToken);
            mixed.Add((dataset, DatasetFit.CheckMixed(config, index, dataset)));
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
            var changed = splits[source].ChangedSamples() ?? throw new InvalidOperationException("DatasetFit has checked that the data set tells changed samples.");
            strata.Add(Stratum.Of(source, weight * share, changed));
            if (share < 1)
                strata.Add(Stratum.Of(source, weight * (1 - share), [.. changed.Select(bits => bits.Complement())]));
        }
        return strata;
    }

    /// <summary>The share of changed pixels among those drawn, taking a split's images to be of one size: what <c>class_weights: auto</c> weighs against.</summary>
    public static double ChangeFraction(TrainSplitConfig train, IReadOnlyList<SplitManifest> splits)
    {
        var (changed, weights) = (0.0, 0.0);
        for (var source = 0; source < splits.Count; source++)
        {
            changed += Weight(train, source) * DrawnFraction(train, splits[source]);
            weights += Weight(train, source);
        }
        return splits.Count == 1 ? changed : changed / weights;
    }

    /// <summary>Names all data sets down to their last bit: a data set's own SHA-256 while there is one, else the SHA-256 of all of theirs, a line each.</summary>
    public static string Sha256Of(IReadOnlyList<ShardDataset> datasets) => datasets.Count == 1
        ? datasets[0].ManifestSha256
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', datasets.Select(dataset => dataset.ManifestSha256)))));

    private static double Weight(TrainSplitConfig train, int source) => source == 0 ? 1 : train.Mix[source - 1].Weight;

    private static double DrawnFraction(TrainSplitConfig train, SplitManifest split)
    {
        if (train.Balance is not { } share || split.ChangedSamples() is not { } changed)
            return split.ChangeFraction;
        var natural = (double)changed.Sum(bits => bits.Set) / split.Samples;
        return Math.Min(1, split.ChangeFraction / natural * share);
    }
}
