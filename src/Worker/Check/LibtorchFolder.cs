using System.Text.RegularExpressions;
using ChangeDetection.Worker.Devices;

namespace ChangeDetection.Worker.Check;

/// <summary>The libtorch that the worker would load: where it lies and what its files say of its version, before anything is loaded.</summary>
internal static partial class LibtorchFolder
{
    /// <summary>The library that binds TorchSharp to libtorch; it comes with the worker.</summary>
    public static string? Binding { get; } = Beside("libLibTorchSharp.so");

    /// <summary>Of the setting, else beside this program; null where there is none.</summary>
    public static string? Find() => Environment.GetEnvironmentVariable(ExistingLibtorch.Variable) is { Length: > 0 } named
        ? named
        : Path.GetDirectoryName(Beside("libtorch_cpu.so"));

    /// <summary>The step <c>libtorch</c>.</summary>
    public static StepFinding Check()
    {
        const string remedy = "Name the folder that holds libtorch's libraries, such as …/site-packages/torch/lib.";
        if (Find() is not { } folder)
            return StepFinding.Failure($"There is no libtorch beside this worker, and neither --libtorch nor {ExistingLibtorch.Variable} names one. {remedy}");
        if (!Directory.Exists(folder))
            return StepFinding.Failure($"There is no folder '{folder}'. {remedy}");
        var version = Version(folder) ?? "of a version that its files do not tell";
        var files = Directory.EnumerateFiles(folder, "*.so*").Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var required = ExistingLibtorch.Libraries.Where(library => library.Required).Select(library => library.Name);
        var missing = required.Where(name => !files.Contains(name)).ToList();
        return missing.Count > 0
            ? StepFinding.Failure($"'{folder}' holds no {string.Join(", no ", missing)}. {remedy}", files)
            : new StepFinding { Summary = $"{version}, in {folder}", Details = files };
    }

    /// <summary>By a Python installation's <c>torch/version.py</c> or the <c>build-version</c> of an archive; null where there is neither.</summary>
    private static string? Version(string folder)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) ?? folder;
        var python = Path.Combine(parent, "version.py");
        if (File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } match)
            return match.Groups[1].Value;
        var archive = Path.Combine(parent, "build-version");
        return File.Exists(archive) ? File.ReadAllText(archive).Trim() : null;
    }

    private static string? Beside(string name) =>
        new[] { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") }
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    [GeneratedRegex(@"^__version__\s*=\s*['""]([^'""]+)['""]", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();
}
