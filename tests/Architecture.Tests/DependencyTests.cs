using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The dependency direction of the design: programs know the libraries of Shared and never each other, and each library knows what is drawn.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, (string Assembly, string[] Knows)> s_projects = new()
    {
        ["Shared/Core"] = ("ChangeDetection.Core", []),
        ["Shared/Imaging"] = ("ChangeDetection.Imaging", []),
        ["Shared/Datasets"] = ("ChangeDetection.Datasets", ["ChangeDetection.Core", "ChangeDetection.Imaging"]),
        ["Shared/Weights"] = ("ChangeDetection.Weights", ["ChangeDetection.Core"]),
        ["Scheduler"] = ("changedetection", ["ChangeDetection.Core", "ChangeDetection.Datasets", "ChangeDetection.Imaging", "ChangeDetection.Weights"]),
        ["Worker"] = ("changedetection-worker", ["ChangeDetection.Core", "ChangeDetection.Datasets", "ChangeDetection.Imaging", "ChangeDetection.Weights"]),
        ["Dashboard"] = ("changedetection-dashboard", ["ChangeDetection.Core", "ChangeDetection.Weights"]),
    };

    public static TheoryData<string> Projects => [.. s_projects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_AreAsDrawn(string project)
    {
        var (assembly, knows) = s_projects[project];
        var ours = ReferencesOf(project, assembly).Where(name => name.StartsWith("changedetection", StringComparison.OrdinalIgnoreCase));

        Assert.Empty(ours.Except(knows));
    }

    [Theory]
    [InlineData("Scheduler", "TorchSharp")]
    [InlineData("Dashboard", "TorchSharp")]
    [InlineData("Dashboard", "NetVips")]
    [InlineData("Worker", "Microsoft.AspNetCore")]
    [InlineData("Shared/Core", "Microsoft.AspNetCore")]
    public void Project_References_KeepOutWhatBelongsElsewhere(string project, string forbidden) =>
        Assert.DoesNotContain(ReferencesOf(project, s_projects[project].Assembly), name => name.StartsWith(forbidden, StringComparison.Ordinal));

    /// <summary>What verbs print goes through the one class that makes text from elsewhere harmless.</summary>
    [Fact]
    public void Commands_OfTheScheduler_WriteToTheTerminalAlone()
    {
        var others = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Scheduler/Cli"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "Terminal.cs" && File.ReadLines(file).Any(line => line.Contains("Console.", StringComparison.Ordinal) && !line.StartsWith("using ", StringComparison.Ordinal)));
        Assert.Empty(others);
    }

    [Fact]
    public void Packages_StandInOnePlace_WithTheirVersions()
    {
        var versioned = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(file => XDocument.Load(file).Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));
        Assert.Empty(versioned);
    }

    [Fact]
    public void Namespaces_OfOurProjects_FollowTheirFolders()
    {
        var strays = from project in s_projects.Keys
                     let root = Path.Combine(Repository.Root, "src", project)
                     from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                     where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                     let declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                     where declared is not null
                     let folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!)
                     let expected = string.Join('.', new[] { "ChangeDetection", Path.GetFileName(project) }.Concat(folder == "." ? [] : folder.Split('/')))
                     where declared != $"namespace {expected};"
                     select $"{Path.GetRelativePath(Repository.Root, file)}: {declared}";
        Assert.Empty(strays);
    }

    private static IReadOnlyList<string> ReferencesOf(string project, string assembly)
    {
        var built = Path.Combine(Repository.Root, "src", project, "bin", Configuration, "net10.0", assembly + ".dll");
        using var stream = File.OpenRead(built);
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    /// <summary>Ours and the programs' are the same: one build made them all.</summary>
    private static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
}
