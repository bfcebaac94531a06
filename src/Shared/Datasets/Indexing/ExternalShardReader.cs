using System.Globalization;
using System.IO.Hashing;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Shards.Tars;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Indexing;

/// <summary>What reading a whole tar has shown.</summary>
/// <param name="Labels">Its masks, by each of the rules that may be the data set's.</param>
/// <param name="Invalid">Pixels that either date of its samples lacks.</param>
internal sealed record ForeignShard(IReadOnlyList<IndexedSample> Samples, string Sha256, bool Labelled, IReadOnlyList<ShardLabels> Labels, long Invalid);

/// <summary>A shard's masks by one rule.</summary>
internal sealed class ShardLabels(int classes)
{
    private readonly List<bool> _changedSamples = [];

    public ClassCounts Counts { get; } = new(classes);

    /// <summary>Of each sample, whether a pixel of it has changed.</summary>
    public IReadOnlyList<bool> ChangedSamples => _changedSamples;

    /// <param name="mask">Null where the sample has none.</param>
    public void Add(ClassCounts? mask)
    {
        _changedSamples.Add(mask is { Changed: > 0 });
        if (mask is not null)
            Counts.Add(mask);
    }
}

/// <summary>
/// Reads one tar that another program wrote, once, from front to back: finds its samples, sums their fields up, and has their images looked at.
/// </summary>
internal sealed class ExternalShardReader(StoredObject tar, string split, FieldNames fields, SampleInspection inspection, HashSet<UInt128> keys)
{
    private const string WriteAgain = "Write the shard again.";
    private const int Chunk = 128 * 1024;
    /// <summary>Larger files are refused unread; far above what the limits on decoded pixels let pass.</summary>
    private const long MaxImageBytes = 1L << 30;
    private readonly string _name = tar.Key.Value;
    private readonly List<IndexedSample> _samples = [];
    private readonly IReadOnlyList<ShardLabels> _labels =
        [.. Enumerable.Range(0, inspection.Candidates.Count).Select(_ => new ShardLabels(inspection.Candidates.Classes))];
    private readonly HashSet<string> _fieldNames = new(StringComparer.Ordinal);
    private (string Key, List<ShardField> Fields)? _current;
    private byte[] _bytes = new byte[Chunk];
    private bool? _labelled;
    private long _invalid;

    /// <summary>Members that are no part of a sample by the convention.</summary>
    public List<string> PassedOver { get; } = [];

    /// <param name="labelled">Whether the split's samples have masks; null for its first tar.</param>
    /// <param name="read">Told the bytes read so far.</param>
    /// <exception cref="ShardCorruptException">A member or sample breaks a rule.</exception>
    public async Task<ForeignShard> ReadAsync(IObjectStore store, bool? labelled, Action<long> read, CancellationToken cancellationToken)
    {
        _labelled = labelled;
        await using var stream = await store.OpenReadAsync(tar.Key, 0, null, cancellationToken);
        using var walk = new TarWalk(stream, tar.Length);
        try
        {
            while (await walk.NextAsync(cancellationToken) is { } member)
            {
                await AddAsync(walk, member, cancellationToken);
                read(walk.Position);
            }
            EndSample();
            var (sha256, isPadding) = await walk.FinishAsync(cancellationToken);
            if (!isPadding)
                throw new TarException("has data behind its end, which no reader would find: tars cannot be joined by joining their bytes");
            if (_samples.Count == 0)
                throw new TarException("holds no sample: a sample's files are named KEY.FIELD, such as 000001.before.png");
            return new(_samples, sha256, _labelled ?? false, _labels, _invalid);
        }
        catch (TarException error)
        {
            throw new ShardCorruptException(_name, error.Message, WriteAgain, error);
        }
    }

    private async Task AddAsync(TarWalk walk, TarMember member, CancellationToken cancellationToken)
    {
        if (MemberName.Of(member.Name) is not var (key, field))
        {
            PassedOver.Add($"{_name}: {member.Name}");
            return;
        }
        Check(member, key, field);
        if (_current?.Key != key)
        {
            EndSample();
            _current = (key, []);
        }
        if (_current!.Value.Fields.Any(other => other.Name == field))
            throw new TarException($"holds the member '{member.Name}', and the sample has a field '{field}' already");
        var sum = RoleOf(field) is { } role ? await InspectAsync(walk, member, role, cancellationToken)
            : await SumAsync(walk, member, cancellationToken);
        _current.Value.Fields.Add(new(field, member.Offset, (int)member.Size, sum));
    }

    /// <summary>Which pixels are there is said by a field of one name, whatever the others are called.</summary>
    private string? RoleOf(string field) =>
        fields.RoleOf(field) ?? (SampleFields.Role(field) == SampleFields.Valid ? SampleFields.Valid : null);

    private void Check(TarMember member, string key, string field)
    {
        if (SampleKey.Violation(key) is { } rule)
            throw new TarException($"holds the member '{member.Name}', whose key {rule}. Rename it");
        if (ObjectKeyRules.SegmentViolation(field) is { } broken)
            throw new TarException($"holds the member '{member.Name}', whose field {broken}. Rename it");
        if (member.Size > Array.MaxLength)
            throw new TarException(
                string.Create(
                CultureInfo.InvariantCulture, $"holds the member '{member.Name}' of {member.Size} bytes; a field has at most {Array.MaxLength}"));
        if (_fieldNames.Add(field) && _fieldNames.Count > ShardIndex.MaxFieldNames)
            throw new TarException($"holds the member '{member.Name}', another field name than the {ShardIndex.MaxFieldNames} that a shard may have");
    }

    private async Task<ulong> InspectAsync(TarWalk walk, TarMember member, string role, CancellationToken cancellationToken)
    {
        if (member.Size > MaxImageBytes)
            throw new TarException(
                string.Create(
                CultureInfo.InvariantCulture,
                $"holds the image '{member.Name}' of {member.Size} bytes, more than the {MaxImageBytes} an image may have"));
        if (_bytes.Length < member.Size)
            _bytes = GC.AllocateUninitializedArray<byte>((int)member.Size);
        var bytes = _bytes.AsMemory(0, (int)member.Size);
        await walk.ReadAsync(bytes, cancellationToken);
        try
        {
            inspection.Add(role, bytes, $"{_name}: {member.Name}");
        }
        catch (ImageException error)
        {
            throw new ShardCorruptException(_name, $"holds an image that cannot be read: {error.Message.TrimEnd('.')}", WriteAgain, error);
        }
        return XxHash3.HashToUInt64(bytes.Span);
    }

    private async Task<ulong> SumAsync(TarWalk walk, TarMember member, CancellationToken cancellationToken)
    {
        var sum = new XxHash3();
        for (var left = member.Size; left > 0; left -= Math.Min(left, Chunk))
        {
            var chunk = _bytes.AsMemory(0, (int)Math.Min(left, Chunk));
            await walk.ReadAsync(chunk, cancellationToken);
            sum.Append(chunk.Span);
        }
        return sum.GetCurrentHashAsUInt64();
    }

    private void EndSample()
    {
        if (_current is not var (key, members))
            return;
        if (!keys.Add(XxHash128.HashToUInt128(System.Text.Encoding.UTF8.GetBytes(key))))
            throw new TarException(
                $"holds a second sample '{key}' of the split '{split}': either its files do not stand next to each other, or two samples have one " +
                "key");
        var (mask, invalid) = inspection.End(_name, key, split, _labelled);
        _invalid += invalid;
        _labelled ??= mask is not null;
        for (var rule = 0; rule < _labels.Count; rule++)
            _labels[rule].Add(mask?[rule]);
        _samples.Add(new(key, members));
        _current = null;
    }
}
