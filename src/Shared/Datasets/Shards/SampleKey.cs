using System.Globalization;
using System.IO.Hashing;
using System.Text;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Makes the key of a sample from its path in the source: letters and digits of any script, <c>_</c> and <c>-</c>, at most <see cref="MaxBytes"/> bytes of
/// UTF-8, never a dot, because a WebDataset's key ends at the first one. A key names a member of a tar and nothing else: files and objects of ours have names
/// in ASCII.
/// </summary>
public static class SampleKey
{
    /// <summary>Leaves room for the field within the 100 bytes of a ustar name.</summary>
    public const int MaxBytes = 80;
    private const int HashLength = 16;

    /// <summary>The key of a path: other characters become <c>_</c>; one that is too long ends in the hash of the whole path.</summary>
    public static string FromPath(string path)
    {
        var key = Replace(path, IsOfKey);
        return Encoding.UTF8.GetByteCount(key) <= MaxBytes ? key : WithHash(path, key);
    }

    /// <summary>The key of a path whose plain key is already taken by another path.</summary>
    public static string WithHash(string path) => WithHash(path, Replace(path, IsOfKey));

    /// <summary>The same in ASCII alone, for the name of a data set.</summary>
    public static string AsciiFromPath(string path)
    {
        var key = Replace(path, rune => rune.IsAscii && IsOfKey(rune));
        return key.Length <= MaxBytes ? key : WithHash(path, key);
    }

    /// <summary>What is wrong with a key read from a file, as the end of a sentence; null when nothing is.</summary>
    public static string? Violation(string key) => key switch
    {
        _ when key.Contains('.', StringComparison.Ordinal) => "contains a dot",
        _ => ObjectKeyRules.Violation(Ascii.IsValid(key) ? key : InAscii(key)),
    };

    private static string WithHash(string path, string key)
    {
        var hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(path));
        return $"{Cut(key, MaxBytes - HashLength - 1)}-{hash:x16}";
    }

    private static string Replace(string path, Func<Rune, bool> stays)
    {
        var replaced = new StringBuilder(path.Length);
        foreach (var rune in path.EnumerateRunes())
        {
            if (stays(rune))
                replaced.Append(rune);
            else
                replaced.Append('_', rune.Utf16SequenceLength);
        }
        var key = replaced.ToString();
        // Empty, a leading '-' or a device name: harmless behind an underscore. A key that is too long is cut later.
        return ObjectKeyRules.SegmentViolation(InAscii(Cut(key, MaxBytes))) is null ? key : $"_{key}";
    }

    /// <summary>As many whole characters as so many bytes hold.</summary>
    private static string Cut(string key, int bytes)
    {
        var length = 0;
        foreach (var rune in key.EnumerateRunes())
        {
            if ((bytes -= rune.Utf8SequenceLength) < 0)
                break;
            length += rune.Utf16SequenceLength;
        }
        return key[..length];
    }

    /// <summary>The key with a letter of ASCII for each of another script, so that the rules of file names say what they say of the rest.</summary>
    private static string InAscii(string key)
    {
        var ascii = new StringBuilder(key.Length);
        foreach (var rune in key.EnumerateRunes())
        {
            if (!rune.IsAscii && IsOfKey(rune))
                ascii.Append('a');
            else
                ascii.Append(rune);
        }
        return ascii.ToString();
    }

    private static bool IsOfKey(Rune rune) => rune.IsAscii
        ? Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_'
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber;
}
