using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Worker.Settings;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// Waits for the database and its schema, however long the outage: a worker started while the database is down waits. It logs that soon, and then
/// now and then. Then it looks whether database and store are of one system.
/// </summary>
public sealed class SchemaWait(NpgsqlDataSource database, WorkerSettings settings, ILogger<SchemaWait> logger)
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_repeat = TimeSpan.FromSeconds(30);

    /// <exception cref="SystemIdentityException">They are not.</exception>
    /// <exception cref="MigrationException">Only newer workers can work with the database.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var patience = s_first; ; patience = s_repeat)
        {
            try
            {
                await Migrator.WaitForVersionAsync(settings.Database, database, patience, cancellationToken);
                await StoreOwnership.ClaimAsync(database, settings.Store, line => WorkerLog.StoreSilent(logger, line), cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is MigrationException { IsNewer: false } || Outage.IsOutage(exception))
            {
                WorkerLog.WaitingForSchema(logger, DatabaseProblem.Describe(exception));
                // A refusal comes at once, however long the patience.
                await Task.Delay(s_first, cancellationToken);
            }
        }
    }
}
