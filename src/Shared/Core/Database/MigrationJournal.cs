using System.Data;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.Engine.Transactions;
using DbUp.Postgresql;
using DbUp.Support;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// The table that says which steps a database has had, with the hash of each as it was then. DbUp writes the row in the transaction
/// of the step itself: a step and its row are there together or not at all.
/// </summary>
internal sealed class MigrationJournal(Func<IConnectionManager> connections, Func<IUpgradeLog> log, IReadOnlyDictionary<string, MigrationScript> scripts)
    : TableJournal(connections, log, new PostgresqlObjectParser(), DataSources.Schema, Table)
{
    private const string Table = "schema_versions";
    private const string QualifiedTable = $"{DataSources.Schema}.{Table}";

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

    protected override IDbCommand GetInsertScriptCommand(Func<IDbCommand> dbCommandFactory, SqlScript script)
    {
        var command = dbCommandFactory();
        command.CommandText = $"insert into {QualifiedTable} (name, sha256) values (@name, @sha256)";
        Add("name", script.Name);
        Add("sha256", scripts[script.Name].Sha256);
        return command;

        void Add(string name, string value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }

    protected override string GetJournalEntriesSql() => $"select name from {QualifiedTable} order by name";

    // Never asked for: the command above inserts, and CreateAsync has made the table.
    protected override string GetInsertJournalEntrySql(string scriptName, string applied) => throw new NotSupportedException();

    protected override string CreateSchemaTableSql(string quotedPrimaryKeyName) => throw new NotSupportedException();
}
