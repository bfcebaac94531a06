using System.Runtime.InteropServices;

namespace ChangeDetection.Core.Hosting;

/// <summary>Finds the system's other programs from where this one stands, in a checkout and in a published folder alike.</summary>
public static class Executables
{
    public const string Scheduler = "changedetection";
    public const string Worker = "changedetection-worker";
    public const string Dashboard = "changedetection-dashboard";

    private const string Solution = "ChangeDetection.sln";

    /// <summary>Finds <see cref="Worker"/>, <see cref="Dashboard"/> or <see cref="Scheduler"/>.</summary>
    /// <exception cref="FileNotFoundException">It was not built or published; the message names every folder that was looked at.</exception>
    public static Executable Locate(string name) => Locate(name, AppContext.BaseDirectory);

    internal static Executable Locate(string name, string from)
    {
        var folders = Candidates(name, Path.TrimEndingDirectorySeparator(Path.GetFullPath(from))).Distinct().ToList();
        foreach (var folder in folders)
        {
            // An apphost alone is a leftover of a build: it is the assembly and its configuration that make a program.
            var assembly = Path.Combine(folder, name + ".dll");
            if (!File.Exists(assembly) || !File.Exists(Path.Combine(folder, name + ".runtimeconfig.json")))
                continue;
            var host = Path.Combine(folder, name);
            return File.Exists(host) ? new Executable(host, [])
                : new Executable(DotnetRoot is null ? "dotnet" : Path.Combine(DotnetRoot, "dotnet"), [assembly]);
        }
        throw new FileNotFoundException(
            $"The program '{name}' was not found in {string.Join(", ", folders.Select(folder => $"'{folder}'"))}. "
            + $"Build it (dotnet build src/{ProjectOf(name)} -c Release), or publish it beside this program.");
    }

    /// <summary>
    /// The installation that runs this process, which an apphost does not find by itself in an unusual place; null when the runtime came with the
    /// program.
    /// </summary>
    internal static string? DotnetRoot { get; } = FindDotnetRoot();

    private static string? FindDotnetRoot()
    {
        // ROOT/shared/Microsoft.NETCore.App/VERSION
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return File.Exists(Path.Combine(root, "dotnet")) ? root : null;
    }

    private static IEnumerable<string> Candidates(string name, string from)
    {
        yield return from;
        if (Path.GetDirectoryName(from) is { } parent)
        {
            yield return Path.Combine(parent, name);
            yield return Path.Combine(parent, ProjectOf(name).ToLowerInvariant());
        }
        if (Checkout(from) is not { } root)
            yield break;
        // src/Scheduler/bin/Release/net10.0 → src/Worker/bin/Release/net10.0, from a test's output too.
        var parts = Path.GetRelativePath(root, from).Split(Path.DirectorySeparatorChar);
        var bin = Array.IndexOf(parts, "bin");
        if (bin >= 0)
            yield return Path.Combine([root, "src", ProjectOf(name), .. parts[bin..]]);
    }

    private static string? Checkout(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        }
        return null;
    }

    private static string ProjectOf(string name) => name switch
    {
        Scheduler => "Scheduler",
        Worker => "Worker",
        Dashboard => "Dashboard",
        _ => throw new ArgumentException($"'{name}' is none of this system's programs.", nameof(name)),
    };
}

/// <summary>How to start a program of ours.</summary>
/// <param name="Program">The file to execute.</param>
/// <param name="LeadingArguments">What comes before its own arguments: the assembly, when <c>dotnet</c> runs it.</param>
public sealed record Executable(string Program, IReadOnlyList<string> LeadingArguments)
{
    /// <summary>As a child process.</summary>
    public ChildCommand Command(string name, IEnumerable<string> arguments) => new(name, Program, [.. LeadingArguments, .. arguments])
    {
        Environment = Executables.DotnetRoot is { } root ? new Dictionary<string, string?> { ["DOTNET_ROOT"] = root } : [],
    };
}
