using System.IO.Hashing;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Shards;

/// <summary>One field of one sample inside a shard.</summary>
/// <param name="Name">The member's name behind the key and its dot: <c>before.png</c>, <c>json</c>.</param>
/// <param name="Offset">Where the field's bytes begin in the tar.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Xxh3">XXH3-64 of the bytes.</param>
public readonly record struct ShardField(string Name, long Offset, int Length, ulong Xxh3)
{
    private readonly string? _role;

    /// <summary>The part it plays: one of <see cref="SampleFields"/> for fields of ours and for those that <see cref="FieldNames"/> names.</summary>
    public string Role
    {
        get => _role ?? SampleFields.Role(Name);
        init => _role = value;
    }

    /// <summary>How the bytes are encoded: <c>png</c>, <c>npy</c>, <c>tif</c>, <c>json</c>.</summary>
    public string Extension => SampleFields.Extension(Name);

    /// <summary>Checks bytes that were read from the shard, or from a cache of it, against the index.</summary>
    /// <exception cref="ShardCorruptException">They are not the bytes that were packed.</exception>
    public void Verify(ReadOnlySpan<byte> bytes, string shard, string key)
    {
        if (bytes.Length != Length)
            throw Corrupt(shard, key, $"has {bytes.Length} bytes instead of {Length}");
        if (XxHash3.HashToUInt64(bytes) is var found && found != Xxh3)
            throw Corrupt(shard, key, $"has the checksum {found:x16} instead of {Xxh3:x16}");
    }

    private ShardCorruptException Corrupt(string shard, string key, string problem) =>
        new(shard, $"is damaged: {key}.{Name} at offset {Offset} {problem}", ShardCorruptException.CopyAgain);
}
