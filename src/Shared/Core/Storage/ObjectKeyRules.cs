using System.Buffers;

namespace ChangeDetection.Core.Storage;

/// <summary>The one place that says what a key or a file name of ours may look like.</summary>
public static class ObjectKeyRules
{
    private const int MaxKeyLength = 512;
    private const int MaxSegmentLength = 128;
    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=@+,");
    private static readonly HashSet<string> s_deviceNames = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"COM{i}", $"LPT{i}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>What is wrong with the key, as the end of a sentence that begins with the key; null when nothing is.</summary>
    public static string? Violation(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return "is empty";
        if (key.Length > MaxKeyLength)
            return $"is longer than {MaxKeyLength} characters";
        foreach (var segment in key.Split('/'))
        {
            if (SegmentViolation(segment) is { } rule)
                return rule;
        }
        return null;
    }

    /// <summary>The same for one segment (a file name).</summary>
    public static string? SegmentViolation(string segment) => segment switch
    {
        "" => "has an empty segment",
        "." or ".." => "has a segment that would leave its folder",
        { Length: > MaxSegmentLength } => $"has a segment longer than {MaxSegmentLength} characters",
        _ when segment[0] == '-' => "has a segment that starts with '-'",
        _ when segment[^1] == '.' => "has a segment that ends with a dot",
        _ when s_deviceNames.Contains(segment.Split('.')[0]) => "has a segment that is a device name",
        _ when segment.AsSpan().IndexOfAnyExcept(s_allowed) is >= 0 and var at => $"has the character U+{(int)segment[at]:X4}, which is not allowed",
        _ => null,
    };
}
