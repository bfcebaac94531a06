using System.Globalization;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Reads <c>NAME.sum</c> line by line, beside the index that it belongs to.</summary>
internal sealed class ShardSumsReader
{
    private const int HexDigits = 16;
    private readonly TextLines _lines;
    private int _left;

    public ShardSumsReader(string file, string text)
    {
        _lines = new TextLines(file, text);
        var head = _lines.Next();
        var prefix = $"{ShardIndexText.SumsVersion} ";
        if (!head.StartsWith(prefix, StringComparison.Ordinal)
            || !int.TryParse(head.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _left))
            throw _lines.Corrupt($"is not '{ShardIndexText.SumsVersion} FIELDS'");
    }

    /// <summary>The checksum of the next field, which must be the one of this member.</summary>
    public ulong Next(string member)
    {
        if (_left-- <= 0)
            throw _lines.Corrupt($"counts fewer fields than the index has; there is none for {member}");
        var line = _lines.Next();
        if (line.Length != HexDigits + 2 + member.Length || !line.EndsWith(member, StringComparison.Ordinal) || line.AsSpan(HexDigits, 2) is not "  ")
            throw _lines.Corrupt($"is not the checksum of {member}");
        return ulong.TryParse(line.AsSpan(0, HexDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sum)
            ? sum
            : throw _lines.Corrupt("has a checksum that is not hexadecimal");
    }

    public void ExpectEnd()
    {
        if (_left != 0 || !_lines.AtEnd)
            throw _lines.Corrupt("is followed by checksums of fields that the index does not have");
    }
}
