using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

public enum LogLineLevel { Info, Warning, Error }

/// <summary>A row of <c>log_lines</c>.</summary>
public sealed record LogLine
{
    public long Id { get; init; }
    public int Attempt { get; init; }
    public long Seq { get; init; }
    public DateTime At { get; init; }
    public LogLineLevel Level { get; init; }
    public string Text { get; init; } = "";
}

/// <summary>The table <c>log_lines</c>, bounded: once a run has written <see cref="MaxBytes"/>, its oldest lines go.</summary>
public sealed class LogStore(NpgsqlDataSource database)
{
    /// <summary>Bytes of text kept per run.</summary>
    public const long MaxBytes = 10 << 20;
    /// <summary>A longer line is cut.</summary>
    public const int MaxLineLength = 8192;

    /// <summary>Lines after a given id, oldest first.</summary>
    public async Task<IReadOnlyList<LogLine>> ListAsync(Guid run, long afterId, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<LogLine>(new CommandDefinition(
            "select id, attempt, seq, at, level, text from log_lines where run_id = @run and id > @afterId order by id limit @limit",
            new { run, afterId, limit }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>The newest lines, oldest of them first.</summary>
    public async Task<IReadOnlyList<LogLine>> TailAsync(Guid run, int lines, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<LogLine>(new CommandDefinition(
            """
            select id, attempt, seq, at, level, text from (
                select id, attempt, seq, at, level, text from log_lines where run_id = @run order by id desc limit @lines) tail
            order by id
            """,
            new { run, lines }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Writes lines of an attempt; a repeated one changes nothing.</summary>
    public static async Task AddAsync(FencedTransaction fence, IReadOnlyCollection<LogLine> lines, CancellationToken cancellationToken)
    {
        await fence.ExecuteAsync(
            """
            with added as (
                insert into log_lines (run_id, attempt, seq, level, text)
                select @run, @attempt, * from unnest(@seqs, @levels, @texts)
                on conflict (run_id, attempt, seq) do nothing returning octet_length(text) as bytes)
            update runs set log_bytes = log_bytes + coalesce((select sum(bytes) from added), 0) where id = @run
            """,
            new
            {
                seqs = lines.Select(line => line.Seq).ToArray(),
                levels = lines.Select(line => line.Level.ToString().ToLowerInvariant()).ToArray(),
                // PostgreSQL's text holds no NUL.
                texts = lines.Select(line => Cut(line.Text).Replace('\0', '\uFFFD')).ToArray(),
            },
            cancellationToken);
        await fence.ExecuteAsync(
            """
            with spent as (select log_bytes - @keep as excess from runs where id = @run and log_bytes > @max),
            aged as (select id, octet_length(text) as bytes, sum(octet_length(text)) over (order by id) as running from log_lines
                     where run_id = @run and exists (select 1 from spent)),
            gone as (delete from log_lines l using aged where l.id = aged.id and aged.running <= (select excess from spent) returning aged.bytes)
            update runs set log_bytes = log_bytes - coalesce((select sum(bytes) from gone), 0) where id = @run and exists (select 1 from spent)
            """,
            new { max = MaxBytes, keep = MaxBytes * 9 / 10 }, cancellationToken);
    }

    private static string Cut(string text) => text.Length <= MaxLineLength ? text : text[..MaxLineLength] + "…";
}
