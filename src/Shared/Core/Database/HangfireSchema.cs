using Dapper;
using Hangfire.PostgreSql;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>Hangfire's own tables. Its installer runs only when a storage is constructed, so a dropped schema stays dropped until we call it.</summary>
public static class HangfireSchema
{
    public const string Name = "hangfire";

    /// <summary>Installs or upgrades the schema. Idempotent; callers hold the migration lock.</summary>
    public static void Install(NpgsqlConnection connection) => PostgreSqlObjectsInstaller.Install(connection, Name);

    /// <summary>Whether a statement failed because the schema is not there, or not yet.</summary>
    public static bool IsMissing(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName };

    public static async Task<bool> ExistsAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select to_regclass(@table) is not null", new { table = $"{Name}.jobqueue" }, cancellationToken: cancellationToken));
    }
}
