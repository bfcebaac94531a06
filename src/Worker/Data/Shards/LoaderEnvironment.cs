using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>What a data loader has of the machine it runs on.</summary>
/// <param name="Cache">Where copies of shards are kept; null: nowhere.</param>
/// <param name="Event">Adds to the run's list of events, by type and in words. Called from any thread.</param>
public sealed record LoaderEnvironment(ShardCacheSettings? Cache, Action<string, string> Event)
{
    /// <summary>Where decoded pixels are kept on disk.</summary>
    public string ScratchFolder { get; init; } = Core.Hosting.ScratchFolder.Path;

    /// <summary>The data sets that are read.</summary>
    public DatasetAccess Datasets { get; init; } = DatasetAccess.Any;

    /// <summary>No cache, and events are dropped.</summary>
    public static LoaderEnvironment Bare { get; } = new(null, (_, _) => { });
}
