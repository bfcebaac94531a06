using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>A shard that samples are read from.</summary>
internal sealed record OpenShard(ShardIndex Index, IShardBytes Bytes);
