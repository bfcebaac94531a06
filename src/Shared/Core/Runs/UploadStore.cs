using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>A run cannot be queued: what it was sent is so old that it may have been collected.</summary>
public sealed class UploadExpiredException(Guid run) : IOException(
    string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"What was sent for run {run} began more than {UploadStore.Limit.TotalHours:0} hours ago and may have been collected. Nothing was queued: " +
        $"send it again, over a faster line or as a smaller file."));

/// <summary>
/// The table <c>uploads</c>: runs that a command is sending files for. A command that dies leaves its row, by which the collector knows the files
/// (<see cref="Limit"/> after they were begun) for this system's.
/// </summary>
public sealed class UploadStore(NpgsqlDataSource database)
{
    /// <summary>How long sending may take. After that its files are orphans, and the run can no longer be queued.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromHours(24);

    /// <summary>Notes that files are going to be sent for a run. Before the first of them.</summary>
    public Task BeginAsync(Guid run, CancellationToken cancellationToken) =>
        ExecuteAsync("insert into uploads (run_id) values (@run)", run, cancellationToken);

    /// <summary>Notes how much has been sent.</summary>
    /// <param name="bytes">Added to what was sent before.</param>
    public async Task SentAsync(Guid run, long bytes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "update uploads set bytes = bytes + @bytes where run_id = @run", new { run, bytes }, cancellationToken: cancellationToken));
    }

    /// <summary>Whether a run is yet to be queued.</summary>
    public async Task<bool> IsPendingAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from uploads where run_id = @run)", new { run }, cancellationToken: cancellationToken));
    }

    /// <summary>Forgets a run that will not be queued, and whose files are gone.</summary>
    public Task GiveUpAsync(Guid run, CancellationToken cancellationToken) =>
        ExecuteAsync("delete from uploads where run_id = @run", run, cancellationToken);

    /// <summary>Within the transaction that gives the run its row.</summary>
    /// <exception cref="UploadExpiredException">The collector may have taken the files.</exception>
    internal static async Task ArriveAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid run, CancellationToken cancellationToken)
    {
        var expired = await connection.QuerySingleOrDefaultAsync<bool>(new CommandDefinition(
            """
            with arrived as (delete from uploads where run_id = @run returning begun_at, bytes),
            noted as (update runs set upload_bytes = arrived.bytes from arrived where id = @run)
            select begun_at < clock_timestamp() - @Limit from arrived
            """,
            new { run, Limit }, transaction, cancellationToken: cancellationToken));
        if (expired)
            throw new UploadExpiredException(run);
    }

    private async Task ExecuteAsync(string sql, Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(sql, new { run }, cancellationToken: cancellationToken));
    }
}
