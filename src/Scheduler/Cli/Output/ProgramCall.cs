using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>How this program is called from where the reader stands: commands that are shown can be copied.</summary>
internal static class ProgramCall
{
    public static string Text { get; } = Of(Environment.ProcessPath, AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH"));

    /// <param name="process">The file that is executed: <c>dotnet</c>, or the program's own.</param>
    /// <param name="folder">Of the program's assembly.</param>
    /// <param name="path">Folders whose programs are called by their name alone.</param>
    internal static string Of(string? process, string folder, string? path) => process is null || Path.GetFileNameWithoutExtension(process) == "dotnet"
        ? $"dotnet {Quoted(Path.Combine(folder, Executables.Scheduler + ".dll"))}"
        : (path ?? "").Split(Path.PathSeparator).Any(known => IsCalledAt(known, process)) ? Path.GetFileName(process)
        : Quoted(process);

    /// <summary>Whether the folder holds the program itself, or, as an installed package has it, a link to it.</summary>
    private static bool IsCalledAt(string folder, string process)
    {
        var here = Path.Combine(folder, Path.GetFileName(process));
        return here == process || (File.Exists(here) && File.ResolveLinkTarget(here, returnFinalTarget: true)?.FullName == process);
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}
