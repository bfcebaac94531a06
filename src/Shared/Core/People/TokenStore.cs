using Dapper;
using Npgsql;

namespace ChangeDetection.Core.People;

/// <summary>A row of <c>access_tokens</c>, without its hash. Times are UTC, by the database's clock.</summary>
public sealed record TokenRecord
{
    public Guid Id { get; init; }
    public string UserName { get; init; } = "";
    public string? Name { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime ExpiresAt { get; init; }
    public DateTime? RevokedAt { get; init; }
    public DateTime? LastUsedAt { get; init; }
    /// <summary>Whether it opens anything now, by the database's clock.</summary>
    public bool IsValid { get; init; }
}

/// <summary>Whose a valid token is.</summary>
public sealed record TokenOwner
{
    /// <summary>The token's id.</summary>
    public Guid Token { get; init; }
    public string User { get; init; } = "";
    public UserRole Role { get; init; }
}

/// <summary>The table <c>access_tokens</c>.</summary>
public sealed class TokenStore(NpgsqlDataSource database)
{
    private const string Valid = "t.revoked_at is null and t.expires_at > clock_timestamp()";

    /// <summary>Stores a new token of a user.</summary>
    /// <param name="name">What it is for.</param>
    /// <returns>The secret, which is nowhere kept, and its row; null when there is no such user.</returns>
    public async Task<(string Secret, TokenRecord Token)?> CreateAsync(
        string user, string? name, TimeSpan lifetime, Actor actor, CancellationToken cancellationToken)
    {
        var secret = AccessToken.Create();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var token = await connection.QuerySingleOrDefaultAsync<TokenRecord>(new CommandDefinition(
            """
            insert into access_tokens (id, user_name, name, sha256, expires_at)
            select @id, users.name, @name, @sha256, clock_timestamp() + @lifetime from users where users.name = @user
            returning id, user_name, name, created_at, expires_at, true as is_valid
            """,
            new { id = Guid.CreateVersion7(), name, sha256 = AccessToken.Sha256(secret), lifetime, user }, transaction, cancellationToken: cancellationToken));
        if (token is null)
            return null;
        await AuditStore.RecordAsync(connection, actor, "token create", token.Id.ToString(), $"of {user}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (secret, token);
    }

    /// <param name="user">Only this user's; null: everybody's.</param>
    public async Task<IReadOnlyList<TokenRecord>> ListAsync(string? user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<TokenRecord>(new CommandDefinition(
            $"""
            select id, user_name, name, created_at, expires_at, revoked_at, last_used_at, {Valid} as is_valid
            from access_tokens t where @user::text is null or user_name = @user order by user_name, created_at
            """,
            new { user }, cancellationToken: cancellationToken))).ToList();
    }

    /// <returns>False when there is none of this id that could be revoked.</returns>
    public async Task<bool> RevokeAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "update access_tokens set revoked_at = clock_timestamp() where id = @id and revoked_at is null returning user_name",
            new { id }, transaction, cancellationToken: cancellationToken)) is not { } user)
            return false;
        await AuditStore.RecordAsync(connection, actor, "token revoke", id.ToString(), $"of {user}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Whose a secret is, and notes that it was used; null when it is nobody's, was revoked or has expired.</summary>
    public async Task<TokenOwner?> FindBySecretAsync(string secret, CancellationToken cancellationToken)
    {
        if (!AccessToken.IsWellFormed(secret) || await FindAsync("t.sha256 = @sha256", new { sha256 = AccessToken.Sha256(secret) }, cancellationToken)
            is not { } owner)
            return null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update access_tokens set last_used_at = clock_timestamp()
            where id = @Token and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
            """,
            owner, cancellationToken: cancellationToken));
        return owner;
    }

    /// <summary>Whose the token of an id is; null when there is none, or it opens nothing any more.</summary>
    public Task<TokenOwner?> FindAsync(Guid id, CancellationToken cancellationToken) => FindAsync("t.id = @id", new { id }, cancellationToken);

    private async Task<TokenOwner?> FindAsync(string condition, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<TokenOwner>(new CommandDefinition(
            $"""
            select t.id as token, u.name as "user", u.role from access_tokens t join users u on u.name = t.user_name where {condition} and {Valid}
            """,
            parameters, cancellationToken: cancellationToken));
    }
}
