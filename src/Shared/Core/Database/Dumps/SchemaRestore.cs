using System.Text;
using Npgsql;

namespace ChangeDetection.Core.Database.Dumps;

/// <summary>Brings a dump of our schema into a database that does not have it, in one transaction with what has to change in its rows.</summary>
public static class SchemaRestore
{
    /// <param name="connection">An open one to the server; <paramref name="connectionString"/> says how to connect there once more.</param>
    /// <param name="client">The programs; of at least the version that wrote the archive.</param>
    /// <param name="archive">From its beginning.</param>
    /// <param name="changes">SQL that is run behind it, with its tables named by their schema. All of it is committed together, or nothing.</param>
    /// <exception cref="DumpException">It failed, and the database is as it was.</exception>
    public static async Task RunAsync(
        NpgsqlConnection connection, string connectionString, PostgresClient client, Stream archive, string changes, CancellationToken cancellationToken)
    {
        const string act = "Restoring the database";
        using var script = ClientProcess.Start(client.Restore, ["--no-owner", "--no-privileges", "--file=-"], server: null);
        using var session = ClientProcess.Start(
            client.Sql, ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"],
            SchemaDump.SameServer(connection, connectionString));
        var input = session.Input.BaseStream;
        try
        {
            // Not psql's own option for one transaction: that commits at the end of its input, and when we are killed in between, that is here.
            await WriteAsync("begin;\n");
            var feeding = script.FeedAsync(archive, cancellationToken);
            await script.Output.CopyToAsync(input, cancellationToken);
            await feeding;
            await script.SucceedAsync("Reading the dump of the database", cancellationToken);
            await WriteAsync($"\n{changes}\ncommit;\n");
            session.Input.Close();
        }
        catch (IOException broken) when (broken is not DumpException)
        {
            // It ended in the middle of its input; what it said tells why.
            script.Kill();
            await session.SucceedAsync(act, cancellationToken);
            throw;
        }
        await session.SucceedAsync(act, cancellationToken);

        Task WriteAsync(string sql) => input.WriteAsync(Encoding.UTF8.GetBytes(sql), cancellationToken).AsTask();
    }
}
