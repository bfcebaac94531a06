using System.Xml.Linq;
using ChangeDetection.TestKit;
using Mono.Cecil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The assemblies of all projects below a folder of the repository, as this build made them, to be read and not loaded.</summary>
internal static class BuiltAssemblies
{
    /// <summary>Ours and the programs' are the same: one build made them all.</summary>
    private static readonly string s_configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <param name="folder"><c>src</c> or <c>tests</c>.</param>
    public static IReadOnlyList<ModuleDefinition> Below(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    private static ModuleDefinition Read(string project)
    {
        var name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);
        var built = Path.Combine(Path.GetDirectoryName(project)!, "bin", s_configuration, "net10.0", name + ".dll");
        Assert.True(File.Exists(built), $"{built} is missing. Build everything first: dotnet build -c {s_configuration}");
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(built));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        return ModuleDefinition.ReadModule(built, new ReaderParameters { AssemblyResolver = resolver });
    }
}
