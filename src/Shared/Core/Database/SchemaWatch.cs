using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>Notices that a database has become one that only newer programs can work with, while this one works with it.</summary>
public static class SchemaWatch
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <summary>Does some work until it ends, or until this program can no longer do it; then the work is asked to end, and is waited for.</summary>
    /// <exception cref="MigrationException">The database is newer than this program.</exception>
    public static async Task RunAsync(string connectionString, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var database = DataSources.Create(connectionString, "changedetection watch");
        var working = work(end.Token);
        var newer = UntilNewerAsync(database, end.Token);
        await Task.WhenAny(working, newer);
        await end.CancelAsync();
        try
        {
            await working;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && newer.IsFaulted)
        {
        }
        await newer;
    }

    private static async Task UntilNewerAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_look);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await Migrator.RefuseNewerAsync(database, cancellationToken);
                }
                catch (Exception exception) when (Outage.IsOutage(exception))
                {
                    // Whoever works with the database says so.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
