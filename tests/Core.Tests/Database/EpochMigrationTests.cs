using ChangeDetection.Core.Database;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>Rows that were written while epochs were counted from 0.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class EpochMigrationTests(PostgresServer server)
{
    [Fact]
    public async Task Migration_OfRowsCountedFromZero_CountsThemFromOne_AndLeavesTheRest()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (trained, evaluated) = await Experiments.SubmitPairAsync(database);
        var waiting = (await Experiments.SubmitAsync(database))[0];
        await using var connection = await database.DataSource.OpenConnectionAsync();
        // A run of 16 epochs ended in epoch 15; its evaluation said the 16 that its checkpoint had completed, and 15 for its metrics.
        await connection.ExecuteAsync(
            """
            update runs set epoch = 15, step = 672 where id = @trained;
            update runs set epoch = 16, step = 672 where id = @evaluated;
            insert into metrics (run_id, name, step, epoch, value, attempt)
            values (@trained, 'val/f1', 42, 0, 0.5, 1), (@evaluated, 'test/f1', 672, 15, 0.7, 1), (@waiting, 'test/f1', 0, 0, 0.1, 1);
            """,
            new { trained, evaluated, waiting });

        await connection.ExecuteAsync(MigrationScript.Embedded.Single(script => script.Name == "0009_epochs_from_one.sql").Sql);

        Assert.Equal(
            [(trained, (int?)16), (evaluated, 16), (waiting, null)],
            (await connection.QueryAsync<(Guid, int?)>(
                "select id, epoch from runs order by array_position(@order, id)", new { order = new[] { trained, evaluated, waiting } })));
        Assert.Equal(
            [(trained, 1), (evaluated, 16), (waiting, 0)],
            (await connection.QueryAsync<(Guid, int)>(
                "select run_id, epoch from metrics order by array_position(@order, run_id)", new { order = new[] { trained, evaluated, waiting } })));
    }
}
