using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Errors;

/// <summary>What a database's refusal means for somebody at a command line, with the remedy.</summary>
internal static class DatabaseErrors
{
    public static string Describe(NpgsqlException error)
    {
        var problem = DatabaseProblem.Describe(error);
        return error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } =>
                $"The database holds no tables of this system ({problem}). Start the scheduler against it once, which makes them: changedetection serve.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword
                or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName } =>
                $"The database refuses the connection ({problem}). Correct user, password and database in {SystemSettings.DatabaseVariable}.",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
                $"The database does not let this account do that ({problem}). deploy/postgres/ says which role is for what.",
            PostgresException refusal when ServerRefusal.Passes(refusal) =>
                $"The database refuses for now ({problem}). Its own log says more; do it again when that has passed.",
            _ when Outage.IsOutage(error) =>
                $"The database does not answer ({problem}). Look whether it is up, and whether {SystemSettings.DatabaseVariable} names the " +
                    "right host and port.",
            _ => $"The database failed: {problem}. Its own log says more.",
        };
    }
}
