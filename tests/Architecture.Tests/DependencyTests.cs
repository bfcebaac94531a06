using ChangeDetection.TestKit;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The dependency direction of the design: programs know the libraries of Shared and never each other, and each library knows what is drawn.</summary>
public sealed class DependencyTests
{
    public static TheoryData<string> Folders => OurAssemblies.Folders;

    [Theory]
    [MemberData(nameof(Folders))]
    public void Project_References_AreAsDrawn(string folder)
    {
        var project = OurAssemblies.Of(folder);
        var ours = project.References.Where(name => name.StartsWith("changedetection", StringComparison.OrdinalIgnoreCase));

        Findings.None(ours.Except(project.Knows));
    }

    /// <summary>What the dashboard is started from holds no native library: it reads rows and objects, not pixels.</summary>
    [Fact]
    public void Dashboard_Output_HoldsNoNativeLibrary()
    {
        var output = Path.Combine(OurAssemblies.Of("Dashboard").Root, "bin", OurAssemblies.Configuration, "net10.0");

        Findings.None(Directory.EnumerateFiles(output, "*.so*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(output, file)));
    }

    /// <summary>What verbs print goes through the one class that makes text from elsewhere harmless.</summary>
    [Fact]
    public void Commands_OfTheScheduler_WriteToTheTerminalAlone()
    {
        var others = SourceFiles.Below(Path.Combine(Repository.Root, "src/Scheduler/Cli"), "*.cs")
            .Where(file => Path.GetFileName(file) != "Terminal.cs"
                && File.ReadLines(file).Any(
                    line => line.Contains("Console.", StringComparison.Ordinal) && !line.StartsWith("using ", StringComparison.Ordinal)));
        Findings.None(others);
    }
}
