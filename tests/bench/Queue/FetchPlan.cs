using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Queue;
using Dapper;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>The plan of the statement that fetches queue jobs, as Hangfire sends it: found among the sessions' statements, explained, and taken back.</summary>
internal static class FetchPlan
{
    private const int Looks = 1000;

    public static async Task<string> ExplainAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        // A fetch takes a fraction of a millisecond: one look may find no session that does it.
        string? statement = null;
        for (var look = 0; look < Looks && statement is null; look++)
        {
            statement = await connection.QueryFirstOrDefaultAsync<string>(
                """
                select query from pg_stat_activity
                where datname = current_database() and query ilike '%update%jobqueue%skip locked%' and pid <> pg_backend_pid() limit 1
                """);
        }
        if (statement is null)
            return "(no fetch was seen)";
        await using var transaction = await connection.BeginTransactionAsync();
        var queues = string.Join(',', QueueNames.ServedBy(DeviceClass.Cpu).Select(queue => $"'{queue}'"));
        var ofTheseQueues = statement.Replace("$1", $"array[{queues}]", StringComparison.Ordinal);
        var plan = await connection.QueryAsync<string>($"explain (analyze, buffers) {ofTheseQueues}", transaction: transaction);
        await transaction.RollbackAsync();
        return string.Join('\n', plan.Select(line => $"    {line}"));
    }
}
