using Dapper;
using Npgsql;

namespace ChangeDetection.Core.People;

/// <summary>A row of <c>audit</c>: who did what to what, when and from where. The time is UTC, by the database's clock.</summary>
public sealed record AuditEntry
{
    public long Id { get; init; }
    public DateTime At { get; init; }
    public string UserName { get; init; } = "";
    /// <summary>Whether the name was proved, and not only said by a program with a direct connection.</summary>
    public bool Verified { get; init; }
    public string Means { get; init; } = "";
    public string? Address { get; init; }
    public string Action { get; init; } = "";
    public string? Object { get; init; }
    public string? Detail { get; init; }
}

/// <summary>The table <c>audit</c>, the ledger of what people did. Rows are added, and never changed or deleted.</summary>
public sealed class AuditStore(NpgsqlDataSource database)
{
    /// <summary>
    /// Adds a line on the connection of the act itself: where that has a transaction open, the line is there exactly when the act is.
    /// </summary>
    /// <param name="action">The verb, as on the command line: <c>cancel</c>, <c>worker drain</c>.</param>
    /// <param name="target">The id or name of what it was done to; null where there is none.</param>
    /// <param name="detail">What else is worth knowing; never a secret.</param>
    public static Task RecordAsync(
        NpgsqlConnection connection, Actor actor, string action, string? target, string? detail, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            insert into audit (user_name, verified, means, address, action, object, detail)
            values (@User, @IsVerified, @means, coalesce(@Address, host(inet_client_addr())), @action, @target, @detail)
            """,
            new { actor.User, actor.IsVerified, means = actor.Means.Word(), actor.Address, action, target, detail }, cancellationToken: cancellationToken));

    /// <summary>The same for what has no transaction of its own.</summary>
    public async Task RecordAsync(Actor actor, string action, string? target, string? detail, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RecordAsync(connection, actor, action, target, detail, cancellationToken);
    }

    /// <summary>The newest first.</summary>
    /// <param name="user">Only what this user did; null: everybody.</param>
    /// <param name="target">Only what was done to this; null: everything.</param>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(string? user, string? target, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<AuditEntry>(new CommandDefinition(
            """
            select id, at, user_name, verified, means, address, action, object, detail from audit
            where (@user::text is null or user_name = @user) and (@target::text is null or object = @target) order by id desc limit @limit
            """,
            new { user, target, limit }, cancellationToken: cancellationToken))).ToList();
    }
}
