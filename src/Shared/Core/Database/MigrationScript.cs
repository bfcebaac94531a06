using System.Reflection;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Core.Database;

/// <summary>One step of the schema's history. Once released it never changes: later steps were written on top of it.</summary>
/// <param name="Name">The file name, whose ordinal order is the order of the steps: <c>0001_runs.sql</c>.</param>
internal sealed record MigrationScript(string Name, string Sql)
{
    private const string Folder = ".Database.Migrations.";

    /// <summary>
    /// Whether programs that do not know this step cannot work with a database that has had it: workers drain, and everything else refuses. A step says so by
    /// a line <c>-- requires: drain</c> among the comments at its beginning. Without it they may go on while a system is updated, so it leaves what they
    /// read and write as they know it: it adds tables, columns that may stay empty, and words that they never meet.
    /// </summary>
    public bool RequiresDrain => Sql.Split('\n').TakeWhile(line => line.StartsWith("--", StringComparison.Ordinal) || line.Trim().Length == 0)
        .Any(line => line.Trim() == "-- requires: drain");

    /// <summary>SHA-256 of the text, the same whatever line ends a checkout gave it.</summary>
    public string Sha256 => Sha256Hex.Of(Sql.ReplaceLineEndings("\n"));

    /// <summary>The steps that this build knows, oldest first.</summary>
    public static IReadOnlyList<MigrationScript> Embedded { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.Contains(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Load),
    ];

    private static MigrationScript Load(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return new MigrationScript(resource[(resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..], reader.ReadToEnd());
    }
}
