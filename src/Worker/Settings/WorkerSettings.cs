using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Settings;

/// <summary>Settings of a worker process: <c>appsettings.json</c>, then <c>CHANGEDETECTION_…</c>, then the command line.</summary>
public sealed record WorkerSettings
{
    /// <summary>PostgreSQL connection string.</summary>
    public required string Database { get; init; }
    /// <summary>Root of the object store.</summary>
    public required Uri Store { get; init; }
    /// <summary>Comma-separated slots, such as <c>cuda:0,cuda:1</c> or <c>cpu</c>; null: one per GPU, or one for the CPU.</summary>
    public string? Slots { get; init; }
    /// <summary>Comma-separated queue names to take from; null: all that the slots' device classes serve.</summary>
    public string? Queues { get; init; }
    /// <summary>How long writing a checkpoint may take when a trainer is asked to stop.</summary>
    public TimeSpan CheckpointGrace { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>How long a trainer may get nowhere (no step, no evaluated batch, no checkpoint) before it is taken for hung and killed.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>
    /// What is held of one trainer's messages while the database is away; then the trainer waits. Ten minutes' worth of a trainer that sends 14 kB a second,
    /// which is a hundred times what training sends.
    /// </summary>
    public long OutboxBytes { get; init; } = 8 << 20;
    /// <summary>How long what the worker's self-check found unfit is left alone before it is looked at again.</summary>
    public BackOff Recheck { get; init; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
    /// <summary>The shard cache that all trainers of this machine share; null: none.</summary>
    public ShardCacheSettings? ShardCache { get; init; }
}
