namespace ChangeDetection.Architecture.Tests;

/// <summary>Files that people write, without what builds and package managers leave behind.</summary>
internal static class SourceFiles
{
    private static readonly string[] s_skipped = ["/obj/", "/bin/", "/node_modules/", "/.git/"];

    public static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Where(
            file => !s_skipped.Any(skipped => file.Contains(skipped, StringComparison.Ordinal)));
}
