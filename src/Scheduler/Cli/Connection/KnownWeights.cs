using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>A checkpoint of this system that has the weights of a file.</summary>
/// <param name="Run">That published it, or brought it along.</param>
/// <param name="Json">The manifest as it was published.</param>
/// <param name="Config">Of the run; null of a prediction, which has none.</param>
internal sealed record KnownWeights(Guid Run, CheckpointManifest Manifest, byte[] Json, ExperimentConfig? Config)
{
    /// <summary>Enough to see whether all mean the same; a demonstration that is repeated has thousands.</summary>
    private const int Most = 50;

    public WeightsMeaning Meaning { get; } = WeightsMeaning.Of(Manifest, Config);

    /// <summary>All of them, the newest first; those whose manifest is gone or damaged tell nothing and are left out.</summary>
    /// <param name="weightsSha256">Of the tensors as they are stored.</param>
    public static async Task<IReadOnlyList<KnownWeights>> FindAsync(SystemConnection system, string weightsSha256, CancellationToken cancellationToken)
    {
        var (store, runs, found) = (ObjectStores.Open(system.Store), new RunStore(system.Database), new List<KnownWeights>());
        foreach (var record in await new CheckpointStore(system.Database).ListByWeightsAsync(weightsSha256, Most, cancellationToken))
        {
            try
            {
                var (manifest, json) = await new PublishedCheckpoint(store, record.Reference).ReadManifestAsync(cancellationToken);
                found.Add(new KnownWeights(record.RunId, manifest, json, await runs.ExperimentConfigAsync(record.RunId, cancellationToken)));
            }
            catch (CheckpointInvalidException)
            {
            }
        }
        return found;
    }

    /// <summary>What a list of them means by itself; null where there is none, or where they differ.</summary>
    public static KnownWeights? Only(IReadOnlyList<KnownWeights> known) =>
        known.Count > 0 && known.All(one => one.Meaning.IsUsedAs(known[0].Meaning)) ? known[0] : null;

    /// <summary>One of each meaning, for messages: <c>run ID (fc-siam-diff, normalize unit)</c>.</summary>
    public static string Told(IReadOnlyList<KnownWeights> known)
    {
        var different = new List<KnownWeights>();
        foreach (var one in known)
        {
            if (!different.Exists(told => told.Meaning.IsUsedAs(one.Meaning)))
                different.Add(one);
        }
        return string.Join(", ", different.Select(one => $"run {one.Run} ({one.Manifest.Model.Name}, normalize {one.Manifest.Normalization})"));
    }

    /// <summary>Says so where the file itself, or some of them, had another normalisation: the same weights are seldom meant for two.</summary>
    /// <param name="file">What the file says of itself.</param>
    public static void WarnOfOthers(
        Terminal terminal, IReadOnlyList<KnownWeights> known, string subject, CheckpointNormalization chosen, WeightsMeaning? file)
    {
        if (file is not null && file.Normalization != chosen)
            terminal.Warn($"{subject}: taken with normalize {chosen}; the file says {file.Normalization}.");
        var others = known.Where(one => one.Manifest.Normalization != chosen).ToList();
        if (others.Count > 0)
            terminal.Warn($"{subject}: taken with normalize {chosen}; the same weights are known with another one: {Told(others)}.");
    }
}
