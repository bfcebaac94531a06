using System.Data;
using System.Text.Json;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Runs.Inventory;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Backups;

/// <summary>The rows of one moment: the dump of the schema, and which objects these very rows name, both by one snapshot of the database.</summary>
internal static class BackupSource
{
    /// <summary>Reads that moment. It takes as long as the dump does, and no longer: copying the objects needs no open transaction.</summary>
    /// <param name="dump">The file that the dump is written to.</param>
    /// <param name="named">Takes the rows that name objects, as lines of JSON.</param>
    /// <param name="bytes">Told how many bytes the named objects have, about.</param>
    public static async Task<BackupHeader> ReadAsync(
        string connectionString, Uri store, string dump, LineSpool named, Action<long> bytes, CancellationToken cancellationToken)
    {
        await using var database = UnpooledSession.Source(connectionString, "changedetection backup");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // pg_dump comes to the snapshot through this transaction, which idles meanwhile.
        await connection.ExecuteAsync(new CommandDefinition("set idle_in_transaction_session_timeout = 0", cancellationToken: cancellationToken));
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var snapshot = await connection.ExecuteScalarAsync<string>(new CommandDefinition("select pg_export_snapshot()", cancellationToken: cancellationToken));
        var header = await HeaderAsync(connection, store, cancellationToken);
        var client = await SchemaDump.WriteAsync(connection, connectionString, snapshot, dump, cancellationToken);
        var total = 0L;
        await foreach (var row in ObjectInventory.ListAsync(connection, cancellationToken))
        {
            total += row.Bytes ?? 0;
            await named.AddAsync(Line(row), cancellationToken);
        }
        bytes(total);
        await moment.CommitAsync(cancellationToken);
        return header with { DumpedBy = client.Major };
    }

    public static NamedRow Row(string line) => JsonSerializer.Deserialize<NamedRow>(line)!;

    private static ReadOnlyMemory<byte> Line(NamedRow row) => (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(row), (byte)'\n'];

    private static async Task<BackupHeader> HeaderAsync(NpgsqlConnection connection, Uri store, CancellationToken cancellationToken)
    {
        var (madeAt, system, runs, running) = await connection.QuerySingleAsync<(DateTime, Guid, int, int)>(new CommandDefinition(
            """
            select now(), (select id from system), count(*)::int, (count(*) filter (where state = 'running'))::int from runs
            """, cancellationToken: cancellationToken));
        var steps = await connection.QueryAsync<string>(new CommandDefinition(
            "select name from schema_versions order by name collate \"C\"", cancellationToken: cancellationToken));
        return new BackupHeader
        {
            Format = BackupHeader.CurrentFormat,
            Id = Guid.CreateVersion7(),
            MadeAt = new DateTimeOffset(madeAt, TimeSpan.Zero),
            Program = ProgramVersion.Text,
            System = system,
            Store = store,
            Server = connection.PostgreSqlVersion.Major,
            DumpedBy = 0,
            Migrations = [.. steps],
            Runs = runs,
            Running = running,
        };
    }
}
