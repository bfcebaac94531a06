using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The dependency direction of the design: Scheduler, Worker and Dashboard know Shared and never each other.</summary>
public sealed class DependencyTests
{
    private static readonly string[] s_projects = ["Shared", "Scheduler", "Worker", "Dashboard"];

    [Theory]
    [InlineData("Shared", "ChangeDetection.Shared")]
    [InlineData("Scheduler", "changedetection")]
    [InlineData("Worker", "changedetection-worker")]
    [InlineData("Dashboard", "changedetection-dashboard")]
    public void Project_References_PointAtSharedAlone(string project, string assembly)
    {
        var ours = ReferencesOf(project, assembly).Where(name => name.StartsWith("changedetection", StringComparison.OrdinalIgnoreCase));

        Assert.Equal(project == "Shared" ? [] : ["ChangeDetection.Shared"], ours);
    }

    [Theory]
    [InlineData("Shared", "ChangeDetection.Shared", "TorchSharp")]
    [InlineData("Shared", "ChangeDetection.Shared", "Microsoft.AspNetCore")]
    [InlineData("Scheduler", "changedetection", "TorchSharp")]
    [InlineData("Dashboard", "changedetection-dashboard", "TorchSharp")]
    [InlineData("Worker", "changedetection-worker", "Microsoft.AspNetCore")]
    public void Project_References_KeepOutWhatBelongsElsewhere(string project, string assembly, string forbidden) =>
        Assert.DoesNotContain(ReferencesOf(project, assembly), name => name.StartsWith(forbidden, StringComparison.Ordinal));

    /// <summary>What verbs print goes through the one class that makes text from elsewhere harmless.</summary>
    [Fact]
    public void Commands_OfTheScheduler_WriteToTheTerminalAlone()
    {
        var others = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Scheduler/Commands"), "*.cs", SearchOption.AllDirectories)
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
        var strays = from project in s_projects
                     let root = Path.Combine(Repository.Root, "src", project)
                     from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                     where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                     let declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                     where declared is not null
                     let folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!)
                     let expected = string.Join('.', new[] { "ChangeDetection", project == "Shared" ? "" : project }
                         .Concat(folder == "." ? [] : folder.Split('/')).Where(part => part.Length > 0))
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
