using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Workers;

/// <summary>A worker as <c>up</c> knows it.</summary>
public sealed record SupervisedWorker
{
    public Guid Id { get; init; }
    /// <summary>Such as <c>worker-1</c>; null: it was started by hand, or by a service's manager.</summary>
    public string? Name { get; init; }
    public string Host { get; init; } = "";
    public WorkerState State { get; init; }
}

/// <summary>The table <c>supervised_workers</c>: by what names <c>up</c> knows its workers, and which of them it is to start again.</summary>
public sealed class SupervisedWorkers(NpgsqlDataSource database)
{
    /// <summary>The environment variable by which <c>up</c> tells a worker its name.</summary>
    public const string NameVariable = "CHANGEDETECTION_WORKER_NAME";

    /// <summary>Says under which name a worker is kept. Of the processes that had it, the newest counts.</summary>
    public async Task NameAsync(Guid worker, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into supervised_workers (worker_id, name) values (@worker, @name) on conflict (worker_id) do update set name = excluded.name",
            new { worker, name }, cancellationToken: cancellationToken));
    }

    /// <summary>The worker of an id, or the newest of a name; null when there is none.</summary>
    public async Task<SupervisedWorker?> FindAsync(string idOrName, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<SupervisedWorker>(new CommandDefinition(
            """
            select w.id, s.name, w.host, replace(w.state, '-', '') as state from workers w left join supervised_workers s on s.worker_id = w.id
            where w.id = @id or s.name = @idOrName order by w.id = @id desc, w.started_at desc limit 1
            """,
            new { id = Guid.TryParse(idOrName, out var id) ? id : Guid.Empty, idOrName }, cancellationToken: cancellationToken));
    }

    /// <summary>Asks whoever keeps a worker that has left to start it again.</summary>
    /// <returns>False when it is there, or nobody keeps it.</returns>
    public async Task<bool> RequestStartAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            update supervised_workers s set start_requested_at = clock_timestamp() from workers w
            where s.worker_id = @worker and w.id = s.worker_id and w.state in ('stopped', 'lost')
            """,
            new { worker }, cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>Whether nobody has heard a request yet.</summary>
    public async Task<bool> IsRequestedAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<bool>(new CommandDefinition(
            "select start_requested_at is not null from supervised_workers where worker_id = @worker",
            new { worker }, cancellationToken: cancellationToken));
    }

    /// <summary>Takes a request back that nobody heard: it must not start something tomorrow.</summary>
    public async Task WithdrawAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "update supervised_workers set start_requested_at = null where worker_id = @worker", new { worker }, cancellationToken: cancellationToken));
    }

    /// <summary>Which of these names are asked for; each request is taken once.</summary>
    public async Task<IReadOnlyList<string>> TakeRequestsAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            "update supervised_workers set start_requested_at = null where start_requested_at is not null and name = any(@names) returning name",
            new { names = names.ToArray() }, cancellationToken: cancellationToken))).Distinct().ToList();
    }
}
