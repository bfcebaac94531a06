using System.Globalization;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// Brings the database of a data folder to this program's version. What an older version left is dumped into the folder first, so that somebody who has to go
/// back to that version can. Rows only: objects are not touched by an upgrade.
/// </summary>
public static class SchemaUpgrade
{
    /// <summary>The environment variable that says how many dumps are kept; 0: none is made.</summary>
    public const string KeepVariable = "CHANGEDETECTION_UPGRADE__KEEP";

    private const int UsuallyKept = 3;
    private const int MostKept = 1000;
    private const string Prefix = "schema-";
    private const string Suffix = ".dump";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Where the dumps of a data folder are.</summary>
    public static string FolderOf(DataFolder folder) => folder["backups"];

    /// <param name="say">Takes lines for people: that there is something to do, what was done, and where the dump is.</param>
    /// <exception cref="MigrationException">It cannot be brought there; nothing of the step that failed was kept.</exception>
    /// <exception cref="SettingsException">There is no pg_dump for the dump; nothing was changed.</exception>
    /// <exception cref="DumpException">The dump failed; nothing was changed.</exception>
    public static async Task RunAsync(DataFolder folder, string connectionString, Action<string> say, CancellationToken cancellationToken)
    {
        var keep = Keep(Environment.GetEnvironmentVariable(KeepVariable));
        var pending = await Migrator.PendingAsync(connectionString, cancellationToken);
        if (pending is not { Count: > 0 })
        {
            await Migrator.MigrateAsync(connectionString, cancellationToken);
            return;
        }
        var dump = keep == 0 ? null : await DumpAsync(folder, connectionString, pending[0], cancellationToken);
        var applied = await Migrator.MigrateAsync(connectionString, cancellationToken);
        say($"database:   brought to version {ProgramVersion.Text} by {string.Join(", ", applied.Select(Path.GetFileNameWithoutExtension))}");
        if (dump is null)
            return;
        say($"            as it was before: {dump}");
        Forget(folder, keep);
    }

    /// <exception cref="SettingsException">It is no number.</exception>
    internal static int Keep(string? text) => text switch
    {
        null or "" => UsuallyKept,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostKept => number,
        _ => throw new SettingsException($"{KeepVariable} is '{text}', which is no number from 0 to {MostKept}."),
    };

    /// <param name="next">The first step that is about to be made, for the name.</param>
    private static async Task<string> DumpAsync(DataFolder folder, string connectionString, string next, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(FolderOf(folder), OwnerOnly);
        var path = Path.Combine(FolderOf(folder), string.Create(CultureInfo.InvariantCulture,
            $"{Prefix}{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}-before-{Path.GetFileNameWithoutExtension(next)}{Suffix}"));
        var part = path + ".part";
        try
        {
            await using var connection = new NpgsqlConnection(UnpooledSession.Of(connectionString));
            await connection.OpenAsync(cancellationToken);
            await SchemaDump.WriteAsync(connection, connectionString, snapshot: null, part, cancellationToken);
            DurableFile.Publish(part, path, overwrite: false);
            return path;
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>The oldest go; names begin with the time.</summary>
    private static void Forget(DataFolder folder, int keep)
    {
        foreach (var old in Directory.GetFiles(FolderOf(folder), $"{Prefix}*{Suffix}").OrderDescending(StringComparer.Ordinal).Skip(keep))
            File.Delete(old);
        foreach (var unfinished in Directory.GetFiles(FolderOf(folder), $"{Prefix}*{Suffix}.part"))
            File.Delete(unfinished);
    }
}
