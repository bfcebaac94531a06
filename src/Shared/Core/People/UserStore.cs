using System.Text.RegularExpressions;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.People;

/// <summary>A row of <c>users</c>. Times are UTC, by the database's clock.</summary>
public sealed record User
{
    public string Name { get; init; } = "";
    public UserRole Role { get; init; }
    public DateTime CreatedAt { get; init; }
    /// <summary>Tokens that are neither revoked nor expired.</summary>
    public int Tokens { get; init; }
}

/// <summary>The table <c>users</c>. Every change stands in the ledger with who made it.</summary>
public sealed partial class UserStore(NpgsqlDataSource database, Actor actor)
{
    /// <summary>What a name may be: it stands in tables, addresses and logs.</summary>
    public const string NameRule = "1 to 64 letters, digits and . _ @ -, beginning with a letter or digit";

    public static bool IsName(string name) => Name().IsMatch(name);

    public async Task<IReadOnlyList<User>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<User>(new CommandDefinition(
            """
            select name, role, created_at,
                   (select count(*) from access_tokens t
                    where t.user_name = users.name and t.revoked_at is null and t.expires_at > clock_timestamp())::int as tokens
            from users order by name
            """, cancellationToken: cancellationToken))).ToList();
    }

    /// <returns>False when there is one of this name.</returns>
    public Task<bool> AddAsync(string name, UserRole role, CancellationToken cancellationToken) => ChangeAsync(
        "insert into users (name, role) values (@name, @role) on conflict (name) do nothing", "user add", name, role, cancellationToken);

    /// <returns>False when there is none of this name.</returns>
    public Task<bool> SetRoleAsync(string name, UserRole role, CancellationToken cancellationToken) =>
        ChangeAsync("update users set role = @role where name = @name", "user role", name, role, cancellationToken);

    /// <summary>Removes a user, and all tokens with it. Runs keep the name.</summary>
    /// <returns>False when there is none of this name.</returns>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync("delete from users where name = @name", "user remove", name, null, cancellationToken);

    private async Task<bool> ChangeAsync(string sql, string action, string name, UserRole? role, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var changed = await connection.ExecuteAsync(
            new CommandDefinition(sql, new { name, role = role?.Word() }, transaction, cancellationToken: cancellationToken));
        if (changed == 0)
            return false;
        await AuditStore.RecordAsync(connection, actor, action, name, role?.Word(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\z")]
    private static partial Regex Name();
}
