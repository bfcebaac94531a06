using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// A short transaction that holds the run's row under the attempt's fencing number: whatever is written in it was written by the
/// one effective attempt. This is the only fence for writes; stores take the transaction, so that none can forget it.
/// </summary>
public sealed class FencedTransaction : IAsyncDisposable
{
    private readonly NpgsqlTransaction _transaction;

    private FencedTransaction(Claim claim, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        Claim = claim;
        Connection = connection;
        _transaction = transaction;
    }

    public Claim Claim { get; }
    public NpgsqlConnection Connection { get; }

    /// <exception cref="LeaseLostException">Another attempt, or none, holds the run now.</exception>
    public static async Task<FencedTransaction> BeginAsync(NpgsqlDataSource database, Claim claim, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var held = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
                "select 1 from runs where id = @run and attempt = @attempt and state = 'running' for no key update",
                new { run = claim.Run, attempt = claim.Attempt }, transaction, cancellationToken: cancellationToken));
            return held is null ? throw new LeaseLostException(claim) : new FencedTransaction(claim, connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one statement with <c>@run</c> and <c>@attempt</c> bound beside the given parameters.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellationToken)
    {
        var bound = new DynamicParameters(parameters);
        bound.Add("run", Claim.Run);
        bound.Add("attempt", Claim.Attempt);
        return Connection.ExecuteAsync(new CommandDefinition(sql, bound, _transaction, cancellationToken: cancellationToken));
    }

    public Task CommitAsync(CancellationToken cancellationToken) => _transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
