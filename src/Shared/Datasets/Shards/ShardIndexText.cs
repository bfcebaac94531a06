using System.Globalization;
using System.Text;
using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// The two sidecars of a shard as text. <c>NAME.idx</c> is DALI's index: <c>v1.2 SAMPLES</c>, then a line per sample with
/// <c>FIELD OFFSET LENGTH MEMBER</c> for each of its fields. <c>NAME.sum</c>: <c>xxh3-64 v1 FIELDS</c>, then a line per field,
/// in the order of the tar, with the XXH3-64 of its bytes (16 hexadecimal digits), two spaces and the member's name.
/// </summary>
public static class ShardIndexText
{
    internal const string IndexVersion = "v1.2";
    internal const string SumsVersion = "xxh3-64 v1";
    /// <summary>Bytes of a tar's header and unit of its padding.</summary>
    internal const int TarBlock = 512;

    /// <summary>The index's text.</summary>
    public static string FormatIndex(ShardIndex index)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{IndexVersion} {index.Count}\n");
        for (var sample = 0; sample < index.Count; sample++)
        {
            var key = index.Key(sample);
            text.AppendJoin(' ', index.Fields(sample).Select(field =>
                string.Create(CultureInfo.InvariantCulture, $"{field.Name} {field.Offset} {field.Length} {key}.{field.Name}")));
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The checksums' text.</summary>
    public static string FormatSums(ShardIndex index)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{SumsVersion} {Enumerable.Range(0, index.Count).Sum(index.FieldCount)}\n");
        for (var sample = 0; sample < index.Count; sample++)
        {
            var key = index.Key(sample);
            foreach (var field in index.Fields(sample))
                text.Append(CultureInfo.InvariantCulture, $"{field.Xxh3:x16}  {key}.{field.Name}\n");
        }
        return text.ToString();
    }

    /// <summary>The most bytes that an index or its checksums can have for a shard of a size: every member takes a block of the tar.</summary>
    public static long MaxBytes(long shardBytes) => 64 + shardBytes / TarBlock * 256;

    /// <summary>Reads an index and its checksums, trusting neither.</summary>
    /// <param name="shard">What the manifest says of the shard; the number of samples must agree, and all fields lie inside its bytes.</param>
    /// <param name="names">Which fields play which part; null: those of our own names.</param>
    /// <exception cref="ShardCorruptException">A file breaks a rule; the message names the file, the line and the rule.</exception>
    public static ShardIndex Parse(ShardManifest shard, string index, string sums, FieldNames? names = null)
    {
        var fieldSums = new ShardSumsReader(ShardNames.Sums(shard.Name), sums);
        var samples = new ShardIndexReader(shard, index, fieldSums).Read();
        fieldSums.ExpectEnd();
        return new ShardIndex(shard.Name, samples, names);
    }
}
