using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.Dumps;

/// <summary>PostgreSQL's client programs of one installation: <c>pg_dump</c>, <c>pg_restore</c> and <c>psql</c>.</summary>
/// <param name="Folder">That holds them.</param>
/// <param name="Major">Their major version.</param>
public sealed partial record PostgresClient(string Folder, int Major)
{
    private static readonly string[] s_programs = ["pg_dump", "pg_restore", "psql"];

    internal string Dump => Path.Combine(Folder, s_programs[0]);
    internal string Restore => Path.Combine(Folder, s_programs[1]);
    internal string Sql => Path.Combine(Folder, s_programs[2]);

    /// <summary>
    /// Those of at least a version: an older program refuses a newer server, and a newer archive. The oldest of them, so that what they write can be read in
    /// as many places as possible. Looked for where <see cref="PostgresBinaries"/> looks.
    /// </summary>
    /// <param name="major">That of the server, or of the programs that wrote an archive.</param>
    /// <exception cref="SettingsException">There are none; the message says what to install.</exception>
    public static PostgresClient Find(int major) => TryFind(major, out var seen) ?? throw new SettingsException(
        $"PostgreSQL's client programs ({string.Join(", ", s_programs)}) of version {major} or newer were not found"
        + (seen.Count == 0 ? "" : $" (there: {string.Join(", ", seen.Select(found => $"{found.Major} in {found.Folder}"))})")
        + $". Install the package postgresql-client-{major}, or set {PostgresBinaries.Variable} to the folder that holds them.");

    /// <summary>The same; null where there are none.</summary>
    public static PostgresClient? TryFind(int major) => TryFind(major, out _);

    private static PostgresClient? TryFind(int major, out List<PostgresClient> seen)
    {
        seen = [.. PostgresBinaries.Places().Select(InstallationAt).OfType<PostgresClient>().DistinctBy(found => found.Folder)];
        return seen.Where(found => found.Major >= major).OrderBy(found => found.Major).FirstOrDefault();
    }

    private static PostgresClient? InstallationAt(string place)
    {
        var dump = new FileInfo(Path.Combine(place, s_programs[0]));
        if (!dump.Exists)
            return null;
        // Debian's /usr/bin/pg_dump is a link to a script that chooses a version by clusters of its own.
        var folder = Path.GetDirectoryName((dump.ResolveLinkTarget(returnFinalTarget: true) ?? dump).FullName)!;
        return s_programs.All(program => File.Exists(Path.Combine(folder, program))) && MajorOf(folder) is { } major ? new PostgresClient(folder, major) : null;
    }

    private static int? MajorOf(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, s_programs[0]), "--version") { RedirectStandardOutput = true });
        var match = Version().Match(process?.StandardOutput.ReadToEnd() ?? "");
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex Version();
}
