using System.Xml.Linq;
using ChangeDetection.TestKit;
using Mono.Cecil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The assemblies of all our projects, as this build made them, to be read and not loaded.</summary>
internal static class BuiltAssemblies
{
    /// <summary>Ours and the programs' are the same: one build made them all.</summary>
    private static readonly string s_configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static readonly Lazy<IReadOnlyList<ModuleDefinition>> s_src = new(() => ReadAll("src"));
    private static readonly Lazy<IReadOnlyList<ModuleDefinition>> s_tests = new(() => ReadAll("tests"));
    private static readonly DefaultAssemblyResolver s_resolver = new();

    /// <summary>Of the projects below <c>src</c>.</summary>
    public static IReadOnlyList<ModuleDefinition> Src => s_src.Value;

    /// <summary>Of the projects below <c>tests</c>.</summary>
    public static IReadOnlyList<ModuleDefinition> Tests => s_tests.Value;

    private static IReadOnlyList<ModuleDefinition> ReadAll(string folder)
    {
        lock (s_resolver)
        {
            s_resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
            return [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal).Select(Read)];
        }
    }

    private static ModuleDefinition Read(string project)
    {
        var name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);
        var built = Path.Combine(Path.GetDirectoryName(project)!, "bin", s_configuration, "net10.0", name + ".dll");
        Assert.True(File.Exists(built), $"{built} is missing. Build everything first: dotnet build -c {s_configuration}");
        s_resolver.AddSearchDirectory(Path.GetDirectoryName(built));
        return ModuleDefinition.ReadModule(built, new ReaderParameters { AssemblyResolver = s_resolver });
    }
}
