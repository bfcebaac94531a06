using System.Text.RegularExpressions;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>Sizes that a reader can hold, and names that stand for one thing.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 300;
    private const int MostColumns = 160;
    private const int MostFiles = 30;

    private static IEnumerable<string> Sources =>
        new[] { "src", "tests" }.SelectMany(folder => SourceFiles.Below(Path.Combine(Repository.Root, folder), "*.cs"));

    [Fact]
    public void Files_AreShortEnoughToRead() =>
        Findings.None(
            Sources.Select(file => (file, lines: File.ReadLines(file).Count()))
            .Where(one => one.lines > MostLines).Select(one => $"{Name(one.file)}: {one.lines} lines"));

    [Fact]
    public void Lines_FitTheScreen() =>
        Findings.None(
            from file in Sources
            from line in File.ReadLines(file).Index()
            where line.Item.Length > MostColumns
            select $"{Name(file)}:{line.Index + 1}: {line.Item.Length} columns");

    [Fact]
    public void Folders_HoldWhatAnEyeTakesIn() =>
        Findings.None(
            Sources.GroupBy(file => Path.GetDirectoryName(file)!).Where(folder => folder.Count() > MostFiles)
            .Select(folder => $"{Name(folder.Key)}: {folder.Count()} files"));

    [Fact]
    public void Namespaces_FollowFolders()
    {
        var strays = from project in OurAssemblies.All
                     from file in project.Sources
                     let declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                     where declared is not null
                     let folder = Path.GetRelativePath(project.Root, Path.GetDirectoryName(file)!)
                     let expected = folder == "." ? project.Namespace : $"{project.Namespace}.{folder.Replace('/', '.')}"
                     where declared != $"namespace {expected};"
                     select $"{Name(file)}: {declared}";
        Findings.None(strays);
    }

    [Fact]
    public void PublicTypes_HaveNamesOfTheirOwn()
    {
        var taken = OurAssemblies.All.SelectMany(project => project.Types.Where(type => type.IsPublic))
            .GroupBy(type => type.Name).Where(same => same.Count() > 1)
            .Select(same => string.Join(", ", same.Select(type => type.FullName)));
        Findings.None(taken);
    }

    /// <summary>A name in code quotes that reads as a type of ours is one: documents follow when a type is renamed.</summary>
    [Fact]
    public void Documents_NameTypesThatExist()
    {
        var tests = Sources.Select(file => Path.GetFileNameWithoutExtension(file)!);
        var known = OurAssemblies.All.SelectMany(project => project.Module.Types.Select(type => type.Name.Split('`')[0]))
            .Concat(tests).ToHashSet(StringComparer.Ordinal);
        var documents = SourceFiles.Below(Repository.Root, "*.md").Where(file => !file.Contains("/tests/servers/", StringComparison.Ordinal));
        var dangling = from file in documents
                       from Match match in CodeName().Matches(File.ReadAllText(file))
                       let name = match.Groups["type"].Value
                       where !known.Contains(name) && !s_foreign.Contains(name)
                       select $"{Name(file)}: `{match.Value.Trim('`')}`";
        Findings.None(dangling);
    }

    /// <summary>Names in documents that are somebody else's, or files, or settings.</summary>
    private static readonly HashSet<string> s_foreign = new(StringComparer.Ordinal)
    {
        "ServerTimeout", "IsLightweightServer", "DataParallel", "NoResetOnClose", "TimeProvider", "CancellationToken",
    };

    private static string Name(string path) => Path.GetRelativePath(Repository.Root, path);

    /// <summary>Two humps at least: a single capitalised word may be anything.</summary>
    [GeneratedRegex(@"`(?<type>I?[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)(?:\.[A-Za-z]+)*(?:\(\))?`")]
    private static partial Regex CodeName();
}
