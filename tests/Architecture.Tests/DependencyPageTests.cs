using System.Text.RegularExpressions;
using System.Xml.Linq;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary><c>docs/dependencies.md</c> says of each package why it is here, what was weighed against it, and its licence.</summary>
public sealed partial class DependencyPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "dependencies.md"));

    private static readonly XDocument s_list = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));

    private static readonly string[] s_versions =
    [
        .. s_list.Descendants("PackageVersion").Select(version => version.Attribute("Include")!.Value),
    ];

    [Fact]
    public void Packages_AndThePage_NameTheSame() =>
        Assert.Equal(s_versions.Order(StringComparer.Ordinal), Rows().Select(row => row[0]).Order(StringComparer.Ordinal));

    [Fact]
    public void Rows_LeaveNothingOpen()
    {
        Assert.NotEmpty(Rows());
        Assert.All(Rows(), row =>
        {
            Assert.Equal(4, row.Length);
            Assert.All(row, cell => Assert.NotEmpty(cell));
        });
    }

    /// <summary>A version in the list that no project asks for, and that is no floor of another package's, is dead.</summary>
    [Fact]
    public void Versions_AreAskedFor()
    {
        var projects = new[] { "*.csproj", "*.props", "*.targets" }.SelectMany(pattern => SourceFiles.Below(Repository.Root, pattern))
            .Where(file => !file.EndsWith("Directory.Packages.props", StringComparison.Ordinal))
            .Select(File.ReadAllText).ToList();
        var floors = s_list.Descendants("ItemGroup")
            .Where(group => group.Attribute("Label")?.Value.StartsWith("Pinned floors", StringComparison.Ordinal) == true)
            .SelectMany(group => group.Elements()).Select(version => version.Attribute("Include")!.Value);
        var asked = s_versions.Where(version => projects.Exists(project => project.Contains($"\"{version}\"", StringComparison.Ordinal)));
        Assert.Empty(s_versions.Except(floors).Except(asked));
    }

    /// <summary>The cells of the tables, without their heads.</summary>
    private static IEnumerable<string[]> Rows() =>
        PackageRow().Matches(s_page).Select(row => row.Value.Trim('|', ' ').Split(" | ")).Where(row => row[0] != "package");

    [GeneratedRegex(@"^\| .*\|$", RegexOptions.Multiline)]
    private static partial Regex PackageRow();
}
