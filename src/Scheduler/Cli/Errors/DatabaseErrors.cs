using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Errors;

/// <summary>What a database's refusal means for somebody at a command line, with the remedy.</summary>
internal static class DatabaseErrors
{
    public static string Describe(NpgsqlException error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } =>
            $"The database holds no tables of this system ({error.Message}). Start the scheduler against it once, which makes them: changedetection serve.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName } =>
            $"The database refuses the connection ({error.Message}). Correct user, password and database in {SystemSettings.DatabaseVariable}.",
        _ when Outage.IsOutage(error) =>
            $"The database does not answer ({error.Message}). Look whether it is up, and whether {SystemSettings.DatabaseVariable} names the " +
                "right host and port.",
        _ => $"The database failed: {error.Message}. Its own log says more.",
    };
}
