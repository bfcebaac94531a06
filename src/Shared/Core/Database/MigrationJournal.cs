using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>The table that says which steps a database has had, with the hash of each as it was then.</summary>
internal static class MigrationJournal
{
    private const string QualifiedTable = $"{DataSources.Schema}.schema_versions";

    /// <summary>Creates schema and table where they are missing.</summary>
    public static async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            create schema if not exists {DataSources.Schema};
            create table if not exists {QualifiedTable} (
                name       text primary key,
                sha256     text not null,
                applied_at timestamptz not null default clock_timestamp());
            """;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Hashes by name of the steps applied; null when the database has never been migrated.</summary>
    public static async Task<IReadOnlyDictionary<string, string>?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"select name, sha256 from {QualifiedTable}";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                applied.Add(reader.GetString(0), reader.GetString(1));
            return applied;
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    /// <summary>Notes a step, in the transaction of the step itself: a step and its row are there together or not at all.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"insert into {QualifiedTable} (name, sha256) values (@name, @sha256)";
        command.Parameters.AddWithValue("name", script.Name);
        command.Parameters.AddWithValue("sha256", script.Sha256);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
