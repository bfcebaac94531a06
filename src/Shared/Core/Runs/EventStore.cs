using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>events</c>: what happened to a run, in order.</summary>
public sealed class EventStore(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<RunEvent>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<RunEvent>(new CommandDefinition(
            "select id, run_id, attempt, at, type, detail from events where run_id = @run order by id", new { run },
            cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Adds an event of an attempt; <paramref name="seq"/> is the attempt's own numbering, under which it is written once.</summary>
    public static Task AddAsync(FencedTransaction fence, string type, string? detail, long seq, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            insert into events (run_id, attempt, type, detail, seq) values (@run, @attempt, @type, @detail, @seq)
            on conflict (run_id, attempt, seq) where seq is not null do nothing
            """,
            new { type, detail, seq }, cancellationToken);
}
