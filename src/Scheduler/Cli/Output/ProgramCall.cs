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
        : (path ?? "").Split(Path.PathSeparator).Any(known => Path.Combine(known, Path.GetFileName(process)) == process) ? Path.GetFileName(process)
        : Quoted(process);

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}
