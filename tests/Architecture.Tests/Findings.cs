namespace ChangeDetection.Architecture.Tests;

/// <summary>Asserts that a rule has no exceptions, and names every one of them.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> found)
    {
        var lines = found.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, $"{lines.Count} found:\n{string.Join('\n', lines)}");
    }
}
