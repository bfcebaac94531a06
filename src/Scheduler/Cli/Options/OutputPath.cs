using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary>Where a verb is to write a file.</summary>
internal static class OutputPath
{
    /// <summary>The absolute path.</summary>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="CommandException">It is a folder, or lies in none that exists.</exception>
    public static string Require(string option, string given)
    {
        var path = Path.GetFullPath(given);
        if (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(path)))
            throw new CommandException(
                $"{option}: '{path}' is no place for a file: {(Directory.Exists(path) ? "it is a folder" : "its folder does not exist")}. Name a " +
                "file in a folder that exists.");
        return path;
    }
}
