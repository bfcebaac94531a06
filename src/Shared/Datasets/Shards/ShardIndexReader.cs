using System.Globalization;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Reads <c>NAME.idx</c> and checks every number in it against the shard's size, its own neighbours and the checksums.</summary>
internal sealed class ShardIndexReader(ShardManifest shard, string text, ShardSumsReader sums)
{
    private const int Words = 4;
    private readonly TextLines _lines = new(ShardNames.Index(shard.Name), text);
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fieldNames = new(StringComparer.Ordinal);
    private long _end;

    public IReadOnlyList<IndexedSample> Read()
    {
        ExpectHead();
        // The count is the manifest's, and each sample takes a line that is really there: no declared number sizes a buffer.
        var samples = new List<IndexedSample>();
        while (samples.Count < shard.Samples)
            samples.Add(ReadSample(_lines.Next()));
        return _lines.AtEnd ? samples : throw _lines.Corrupt($"is followed by more than the {shard.Samples} samples of the shard");
    }

    private void ExpectHead()
    {
        var head = _lines.Next();
        var expected = string.Create(CultureInfo.InvariantCulture, $"{ShardIndexText.IndexVersion} {shard.Samples}");
        if (head != expected)
            throw _lines.Corrupt($"is not '{expected}', as the manifest's {shard.Samples} samples ask for");
    }

    private IndexedSample ReadSample(string line)
    {
        var words = line.Split(' ');
        if (words.Length % Words != 0)
            throw _lines.Corrupt("is not a repetition of 'FIELD OFFSET LENGTH MEMBER'");
        var key = ReadKey(words[Words - 1]);
        var fields = new ShardField[words.Length / Words];
        for (var field = 0; field < fields.Length; field++)
            fields[field] = ReadField(words.AsSpan(field * Words, Words), key);
        if (fields.CountBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(name => name.Value > 1).Key is { } twice)
            throw _lines.Corrupt($"has the field '{twice}' twice");
        return new(key, fields);
    }

    private string ReadKey(string member)
    {
        var dot = member.IndexOf('.', member.LastIndexOf('/') + 1);
        if (dot <= 0)
            throw _lines.Corrupt($"names a member without key and field: '{member}'");
        var key = member[..dot];
        if (SampleKey.Violation(key) is { } rule)
            throw _lines.Corrupt($"has the key '{key}', which {rule}");
        return _keys.Add(key) ? key : throw _lines.Corrupt($"has the key '{key}' of an earlier sample");
    }

    private ShardField ReadField(ReadOnlySpan<string> words, string key)
    {
        var (name, member) = (words[0], words[3]);
        if (member.Length != key.Length + 1 + name.Length || !member.StartsWith(key, StringComparison.Ordinal)
            || !member.EndsWith($".{name}", StringComparison.Ordinal))
            throw _lines.Corrupt($"gives the field '{name}' of the sample '{key}' the member '{member}'");
        var offset = ReadNumber(words[1], "offset");
        var length = ReadNumber(words[2], "length");
        if (length > Array.MaxLength)
            throw _lines.Corrupt($"gives {member} {length} bytes, more than a field may have");
        if (offset % ShardIndexText.TarBlock != 0 || offset < _end + ShardIndexText.TarBlock)
            throw _lines.Corrupt($"puts {member} at offset {offset}, which overlaps what stands before it or is no block of a tar");
        if (offset > shard.Bytes || length > shard.Bytes - offset)
            throw _lines.Corrupt($"puts {member} at {offset} to {offset + length}, behind the shard's end at {shard.Bytes}");
        _end = offset + (length + ShardIndexText.TarBlock - 1) / ShardIndexText.TarBlock * ShardIndexText.TarBlock;
        return new(Shared(name), offset, (int)length, sums.Next(member));
    }

    private long ReadNumber(string word, string what) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / 4
            ? number
            : throw _lines.Corrupt($"has '{word}' where the {what} stands");

    private string Shared(string name)
    {
        if (_fieldNames.TryGetValue(name, out var shared))
            return shared;
        if (ObjectKeyRules.SegmentViolation(name) is { } rule)
            throw _lines.Corrupt($"has the field '{name}', which {rule}");
        if (_fieldNames.Count == ShardIndex.MaxFieldNames)
            throw _lines.Corrupt($"adds another field name to the {ShardIndex.MaxFieldNames} that a shard may have");
        return _fieldNames[name] = name;
    }
}
