using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>A PostgreSQL server installation: the folder that holds <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</summary>
public sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The environment variable that names the folder instead of the search.</summary>
    public const string Variable = "CHANGEDETECTION_POSTGRES_BIN";

    /// <summary>The oldest major version that all our SQL runs on.</summary>
    public const int OldestMajor = 13;

    private static readonly string[] s_programs = ["initdb", "pg_ctl", "postgres"];

    internal string InitDb => Path.Combine(Folder, "initdb");

    internal string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>
    /// Looks in <c>CHANGEDETECTION_POSTGRES_BIN</c> alone where it is set, else on <c>PATH</c> and where the usual packages install
    /// (they leave server programs off the path), newest version first.
    /// </summary>
    /// <param name="major">Only this major version: a cluster is read by the version that made it and no other.</param>
    /// <exception cref="PostgresMissingException">None is installed, or none of that version.</exception>
    public static PostgresBinaries Find(int? major = null)
    {
        var chosen = Environment.GetEnvironmentVariable(Variable);
        return Find(string.IsNullOrWhiteSpace(chosen) ? null : chosen, UsualPlaces(), major);
    }

    /// <summary>Folders in which PostgreSQL's programs may be: the one that the variable names alone, else the usual ones.</summary>
    internal static IEnumerable<string> Places() =>
        Environment.GetEnvironmentVariable(Variable) is { } chosen && !string.IsNullOrWhiteSpace(chosen) ? [chosen] : UsualPlaces();

    internal static PostgresBinaries Find(string? chosen, IEnumerable<string> usualPlaces, int? major)
    {
        var seen = new List<PostgresBinaries>();
        foreach (var place in chosen is null ? usualPlaces : [chosen])
        {
            if (InstallationAt(place) is not { } found)
                continue;
            if (found.Major >= OldestMajor && found.Major == (major ?? found.Major))
                return found;
            seen.Add(found);
        }
        throw new PostgresMissingException(chosen, major, seen);
    }

    private static PostgresBinaries? InstallationAt(string place)
    {
        var control = new FileInfo(Path.Combine(place, "pg_ctl"));
        if (!control.Exists)
            return null;
        // A link to one program on the path is common; its siblings stand beside the real file.
        var folder = Path.GetDirectoryName((control.ResolveLinkTarget(returnFinalTarget: true) ?? control).FullName)!;
        return s_programs.All(program => File.Exists(Path.Combine(folder, program))) && MajorOf(folder) is { } major
            ? new PostgresBinaries(folder, major)
            : null;
    }

    private static int? MajorOf(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "pg_ctl"), "--version") { RedirectStandardOutput = true });
        var match = Version().Match(process?.StandardOutput.ReadToEnd() ?? "");
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    private static IEnumerable<string> UsualPlaces() =>
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        .. Below("/usr/lib/postgresql", "*"),                          // Debian, Ubuntu
        .. Below("/usr", "pgsql-*"),                                   // the project's own packages for Red Hat and SUSE
        .. Below("/opt/homebrew/opt", "postgresql@*"),
        .. Below("/usr/local/opt", "postgresql@*"),
        .. Below("/home/linuxbrew/.linuxbrew/opt", "postgresql@*"),
        .. Below("/Library/PostgreSQL", "*"),                          // the graphical installer
    ];

    private static IEnumerable<string> Below(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).OrderByDescending(VersionInName).Select(folder => Path.Combine(folder, "bin"))
            : [];

    private static int VersionInName(string folder) =>
        int.TryParse(Path.GetFileName(folder).AsSpan().TrimStart("postgresql@-pgsql"), CultureInfo.InvariantCulture, out var version) ? version : 0;

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex Version();
}

/// <summary>No usable PostgreSQL server programs; the message names the package to install.</summary>
public sealed class PostgresMissingException : Exception
{
    internal PostgresMissingException(string? chosen, int? major, IReadOnlyList<PostgresBinaries> seen)
        : base(Describe(chosen, major, seen))
    {
    }

    private static string Describe(string? chosen, int? major, IReadOnlyList<PostgresBinaries> seen)
    {
        var wanted = major is null ? "PostgreSQL's server programs (initdb, pg_ctl, postgres)" : $"PostgreSQL {major}, which made this cluster,";
        var where = chosen is null ? "on PATH or in the usual folders" : $"in '{chosen}', the folder that {PostgresBinaries.Variable} names";
        var instead = seen.Count == 0 ? "" : $" (there: {string.Join(", ", seen.Select(found => $"{found.Major} in {found.Folder}"))})";
        var package = major is null ? $"postgresql (version {PostgresBinaries.OldestMajor} or newer)" : $"postgresql-{major}";
        return $"{wanted} not found {where}{instead}. Install the package {package}, set {PostgresBinaries.Variable} to its bin folder, "
            + "or use a server that runs already: CHANGEDETECTION_DATABASE.";
    }
}
