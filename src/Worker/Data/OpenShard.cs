using ChangeDetection.Shards;

namespace ChangeDetection.Worker.Data;

/// <summary>A shard that samples are read from.</summary>
internal sealed record OpenShard(ShardIndex Index, IShardBytes Bytes);
