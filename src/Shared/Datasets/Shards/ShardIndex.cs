using System.Text;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Where every sample of one shard lies: about 21 bytes per field and the UTF-8 of the keys, so that the index of millions of samples fits in memory.
/// Built by <see cref="ShardIndexText"/>, which has checked that fields are in order, apart from each other and inside the shard.
/// </summary>
public sealed class ShardIndex
{
    private readonly byte[] _keys;
    private readonly int[] _keyEnds;
    private readonly int[] _fieldEnds;
    private readonly string[] _fieldNames;
    private readonly string?[] _roles;
    private readonly byte[] _names;
    private readonly long[] _offsets;
    private readonly int[] _lengths;
    private readonly ulong[] _sums;

    /// <param name="names">Which fields play which part; null: those of our own names.</param>
    internal ShardIndex(string shard, IReadOnlyList<IndexedSample> samples, FieldNames? names = null)
    {
        Shard = shard;
        Count = samples.Count;
        var fields = samples.Sum(sample => sample.Fields.Count);
        _keys = Encoding.UTF8.GetBytes(string.Concat(samples.Select(sample => sample.Key)));
        _keyEnds = new int[Count];
        _fieldEnds = new int[Count];
        _fieldNames = [.. samples.SelectMany(sample => sample.Fields).Select(field => field.Name).Distinct(StringComparer.Ordinal)];
        // With names of its own a data set may have a field that merely looks like one of ours: it plays no part. What is valid has one name alone.
        _roles = [.. _fieldNames.Select(name => names is null ? null : names.RoleOf(name) ?? (SampleFields.Role(name) == SampleFields.Valid ? null : ""))];
        _names = new byte[fields];
        _offsets = new long[fields];
        _lengths = new int[fields];
        _sums = new ulong[fields];
        Fill(samples);
    }

    /// <summary>How many different field names one shard may have.</summary>
    public const int MaxFieldNames = 256;

    /// <summary>The shard's file name.</summary>
    public string Shard { get; }

    /// <summary>Samples in the shard.</summary>
    public int Count { get; }

    public string Key(int sample) => Encoding.UTF8.GetString(_keys.AsSpan(Start(_keyEnds, sample).._keyEnds[sample]));

    public int FieldCount(int sample) => _fieldEnds[sample] - Start(_fieldEnds, sample);

    /// <summary>Field <paramref name="field"/> of a sample, in the order of the tar.</summary>
    public ShardField Field(int sample, int field)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)field, (uint)FieldCount(sample));
        var at = Start(_fieldEnds, sample) + field;
        var found = new ShardField(_fieldNames[_names[at]], _offsets[at], _lengths[at], _sums[at]);
        return _roles[_names[at]] is { } role ? found with { Role = role } : found;
    }

    /// <summary>The fields of a sample, in the order of the tar.</summary>
    public IEnumerable<ShardField> Fields(int sample) => Enumerable.Range(0, FieldCount(sample)).Select(field => Field(sample, field));

    /// <summary>The field that plays a role (<see cref="SampleFields"/>), whatever its encoding; null when the sample has none.</summary>
    public ShardField? Find(int sample, string role)
    {
        for (var field = 0; field < FieldCount(sample); field++)
        {
            if (Field(sample, field) is var found && found.Role == role)
                return found;
        }
        return null;
    }

    /// <summary>The one range that covers all fields of a sample: its bytes, with the tar headers between them.</summary>
    public (long Offset, long Length) Range(int sample)
    {
        var (first, last) = (Start(_fieldEnds, sample), _fieldEnds[sample] - 1);
        return (_offsets[first], _offsets[last] + _lengths[last] - _offsets[first]);
    }

    private static int Start(int[] ends, int sample) => sample == 0 ? 0 : ends[sample - 1];

    private void Fill(IReadOnlyList<IndexedSample> samples)
    {
        var numbers = _fieldNames.Select((name, number) => (name, number)).ToDictionary(
            pair => pair.name, pair => checked((byte)pair.number), StringComparer.Ordinal);
        var (at, keyEnd) = (0, 0);
        for (var sample = 0; sample < samples.Count; sample++)
        {
            foreach (var field in samples[sample].Fields)
            {
                (_names[at], _offsets[at], _lengths[at], _sums[at]) = (numbers[field.Name], field.Offset, field.Length, field.Xxh3);
                at++;
            }
            _keyEnds[sample] = keyEnd += Encoding.UTF8.GetByteCount(samples[sample].Key);
            _fieldEnds[sample] = at;
        }
    }
}

/// <summary>A sample while an index is built: its key, and its fields in the order of the tar.</summary>
internal sealed record IndexedSample(string Key, IReadOnlyList<ShardField> Fields);
