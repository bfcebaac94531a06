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
            -- What programs have to know of steps that are not theirs. Looked at first: to add a column that is there takes the table's lock all the same.
            do $$ begin
                if not exists (select 1 from pg_attribute
                               where attrelid = '{QualifiedTable}'::regclass and attname = 'requires_drain' and not attisdropped) then
                    alter table {QualifiedTable} add column requires_drain boolean not null default false, add column program text;
                end if;
            end $$;
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

    /// <summary>
    /// The first step that is not among the known ones and that programs cannot work with that do not know it, and the version of the program that made it;
    /// null where there is none.
    /// </summary>
    public static async Task<(string Step, string Program)?> NewerAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationScript> known, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = connection.CreateCommand();
            command.CommandText =
                $"select name, coalesce(program, '') from {QualifiedTable} where requires_drain and name <> all(@known) order by name collate \"C\" limit 1";
            command.Parameters.AddWithValue("known", known.Select(script => script.Name).ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetString(1)) : null;
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.UndefinedColumn)
        {
            // Never migrated, or by a version of before there were such steps.
            return null;
        }
    }

    /// <summary>Notes a step, in the transaction of the step itself: a step and its row are there together or not at all.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"insert into {QualifiedTable} (name, sha256, requires_drain, program) values (@name, @sha256, @drain, @program)";
        command.Parameters.AddWithValue("name", script.Name);
        command.Parameters.AddWithValue("sha256", script.Sha256);
        command.Parameters.AddWithValue("drain", script.RequiresDrain);
        command.Parameters.AddWithValue("program", ProgramVersion.Text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
