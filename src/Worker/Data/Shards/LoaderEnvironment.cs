using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>What streams have of the machine they run on.</summary>
/// <param name="Cache">Where copies of shards are kept; null: nowhere.</param>
/// <param name="Event">Hears what the run's list of events should say, by type and in words. Called from any thread.</param>
public sealed record LoaderEnvironment(ShardCacheSettings? Cache, Action<string, string> Event)
{
    /// <summary>Where decoded pixels are kept on disk.</summary>
    public string ScratchFolder { get; init; } = DecodedCacheFactory.ScratchFolder;

    /// <summary>No cache, and nobody who listens.</summary>
    public static LoaderEnvironment Bare { get; } = new(null, (_, _) => { });
}
