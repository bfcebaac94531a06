using ChangeDetection.TestKit;
using Mono.Cecil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The built assemblies of this system, their types, and what each type refers to, method bodies included.</summary>
internal static class OurAssemblies
{
    /// <summary>Folder below src, assembly name, and the assemblies of ours that it may refer to.</summary>
    public static IReadOnlyList<Project> All { get; } =
    [
        new("Shared/Core", "ChangeDetection.Core", []),
        new("Shared/Imaging", "ChangeDetection.Imaging", []),
        new("Shared/Datasets", "ChangeDetection.Datasets", ["ChangeDetection.Core", "ChangeDetection.Imaging"]),
        new("Shared/Weights", "ChangeDetection.Weights", ["ChangeDetection.Core"]),
        new("Scheduler", "changedetection", ["ChangeDetection.Core", "ChangeDetection.Datasets", "ChangeDetection.Imaging", "ChangeDetection.Weights"]),
        new("Worker", "changedetection-worker", ["ChangeDetection.Core", "ChangeDetection.Datasets", "ChangeDetection.Imaging", "ChangeDetection.Weights"]),
        new("Dashboard", "changedetection-dashboard", ["ChangeDetection.Core", "ChangeDetection.Weights"]),
    ];

    /// <summary>The project of a name in a test's data.</summary>
    public static Project Of(string folder) => All.Single(project => project.Folder == folder);

    /// <summary>Every folder name, for theories.</summary>
    public static TheoryData<string> Folders => [.. All.Select(project => project.Folder)];

    /// <summary>Ours and the programs' are the same: one build made them all.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
}

/// <summary>One project below src.</summary>
internal sealed record Project(string Folder, string Assembly, IReadOnlyList<string> Knows)
{
    /// <summary>The namespace of the project's root folder.</summary>
    public string Namespace => $"ChangeDetection.{Path.GetFileName(Folder)}";

    public string Root => Path.Combine(Repository.Root, "src", Folder);

    private readonly Lazy<ModuleDefinition> _module = new(() =>
        ModuleDefinition.ReadModule(Path.Combine(Repository.Root, "src", Folder, "bin", OurAssemblies.Configuration, "net10.0", Assembly + ".dll")));

    public ModuleDefinition Module => _module.Value;

    /// <summary>Names of the assemblies it refers to.</summary>
    public IEnumerable<string> References => Module.AssemblyReferences.Select(reference => reference.Name);

    /// <summary>The types that stand in files: nested ones and what the compiler makes of lambdas and iterators count as theirs.</summary>
    public IEnumerable<TypeDefinition> Types => Module.Types.Where(type => type.Namespace.StartsWith("ChangeDetection", StringComparison.Ordinal));

    /// <summary>Source files, without what builds leave behind.</summary>
    public IEnumerable<string> Sources => SourceFiles.Below(Root, "*.cs");

    /// <summary>The room of a namespace: the first folders below the project's root; empty for the root itself.</summary>
    /// <param name="depth">How many folders.</param>
    public string RoomOf(string @namespace, int depth)
    {
        var parts = @namespace.Length <= Namespace.Length ? [] : @namespace[(Namespace.Length + 1)..].Split('.');
        return string.Join('/', parts.Take(depth));
    }
}
