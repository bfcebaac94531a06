using System.IO.Hashing;
using System.Text;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Makes the key of a sample from its path in the source: ASCII letters, digits, <c>_</c> and <c>-</c>, at most <see cref="MaxBytes"/>
/// bytes, never a dot, because a WebDataset's key ends at the first one.
/// </summary>
public static class SampleKey
{
    /// <summary>Leaves room for the field within the 100 bytes of a ustar name.</summary>
    public const int MaxBytes = 80;
    private const int HashLength = 16;

    /// <summary>The key of a path: other characters become <c>_</c>; one that is too long ends in the hash of the whole path.</summary>
    public static string FromPath(string path)
    {
        var key = Replace(path);
        return key.Length <= MaxBytes ? key : WithHash(path);
    }

    /// <summary>The key of a path whose plain key is already taken by another path.</summary>
    public static string WithHash(string path)
    {
        var key = Replace(path);
        var hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(path));
        return $"{key[..Math.Min(key.Length, MaxBytes - HashLength - 1)]}-{hash:x16}";
    }

    /// <summary>What is wrong with a key read from a file, as the end of a sentence; null when nothing is.</summary>
    public static string? Violation(string key) => key switch
    {
        _ when key.Contains('.', StringComparison.Ordinal) => "contains a dot",
        _ => ObjectKeyRules.Violation(key),
    };

    private static string Replace(string path)
    {
        var key = string.Create(path.Length, path, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] is '-' or '_' ? source[i] : '_';
        });
        // Empty, a leading '-' or a device name: harmless behind an underscore. A key that is too long is cut later.
        return ObjectKeyRules.SegmentViolation(key[..Math.Min(key.Length, MaxBytes)]) is null ? key : $"_{key}";
    }
}
