using ChangeDetection.Core.Database;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Backups;

/// <summary>A system that is updated: old programs go on where they can, and where they cannot they leave by themselves and say so.</summary>
public sealed class NewerDatabaseTests(PostgresServer postgres)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Programs_OnADatabaseOfANewerVersion_GoOn_UntilItSaysThatTheyCannot()
    {
        await using var system = await SystemUnderTest.PrepareApartAsync(postgres);
        await using var serve = system.StartServe();
        await serve.LineAsync("scheduler: ready", s_limit);
        await using var worker = system.StartWorker(["--slots", "cpu"]);
        await worker.LineAsync("is ready", s_limit);

        await StepAsync(system, "9998_compatible.sql", drain: false);
        (await system.CliAsync("list")).Succeeded();
        await using var another = system.StartWorker(["--slots", "cpu"]);
        await another.LineAsync("is ready", s_limit);
        // Only who would change the schema refuses any step that it does not know.
        await using var old = system.StartServe();
        Assert.NotEqual(0, await old.ExitAsync(s_limit));
        Assert.Contains("9998_compatible.sql", old.Text, StringComparison.Ordinal);

        await StepAsync(system, "9999_incompatible.sql", drain: true);
        Assert.Equal(0, await worker.ExitAsync(s_limit));
        Assert.Contains("the database has the migration 9999_incompatible.sql by now", worker.Text, StringComparison.Ordinal);
        Assert.Equal(0, await another.ExitAsync(s_limit));
        Assert.Equal(1, await serve.ExitAsync(s_limit));
        Assert.Contains("9999_incompatible.sql, made by version 9.0.0", serve.Text, StringComparison.Ordinal);

        await using var late = system.StartWorker(["--slots", "cpu"]);
        Assert.Equal(2, await late.ExitAsync(s_limit));
        Assert.Contains("Update this machine to version 9.0.0 or newer", late.Text, StringComparison.Ordinal);
        var verb = await system.CliAsync("list");
        Assert.NotEqual(0, verb.ExitCode);
        Assert.Contains("9999_incompatible.sql", verb.Errors, StringComparison.Ordinal);
    }

    private static async Task StepAsync(SystemUnderTest system, string name, bool drain)
    {
        await using var command = system.Database.CreateCommand(
            $"insert into {DataSources.Schema}.schema_versions (name, sha256, requires_drain, program) values ($1, '', $2, '9.0.0')");
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        command.Parameters.Add(new NpgsqlParameter { Value = drain });
        await command.ExecuteNonQueryAsync();
    }
}
