using System.Diagnostics;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

[Needs(Resource.Database, Resource.Processes)]
public sealed class MigratorTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static readonly MigrationScript s_first = new("0001_first.sql", "create table a (id int primary key);");

    // A body between dollar signs holds semicolons, and "$1" is a parameter to it: neither may be touched on the way.
    private static readonly MigrationScript s_second = new("0002_second.sql", """
        create function twice(int) returns int language plpgsql as $$ begin return $1 * 2; end; $$;
        insert into a values (twice(21));
        """);

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Migrate_AppliesWhatIsMissing_InOrder_Once()
    {
        Assert.Equal(["0001_first.sql"], await MigrateAsync(s_first));
        Assert.Equal(["0002_second.sql"], await MigrateAsync(s_second, s_first));
        Assert.Empty(await MigrateAsync(s_first, s_second));

        Assert.Equal(42, await ScalarAsync("select id from changedetection.a"));
        Assert.Equal(true, await ScalarAsync("select to_regclass('hangfire.job') is not null"));
    }

    [Fact]
    public async Task Migrate_ByManyAtOnce_AppliesEachStepOnce()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => MigrateAsync(s_first, s_second)));

        Assert.Equal(["0001_first.sql", "0002_second.sql"], applied.SelectMany(names => names).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Migrate_AStepThatFails_KeepsNothingOfIt_AndNamesIt()
    {
        var broken = new MigrationScript("0002_broken.sql", "create table half (id int); select 1 / 0;");

        var error = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(s_first, broken));

        Assert.Contains("0002_broken.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("division by zero", error.Message, StringComparison.Ordinal);
        Assert.Equal(true, await ScalarAsync("select to_regclass('changedetection.half') is null"));
        Assert.Equal(["0002_broken.sql"], await MigrateAsync(s_first, broken with { Sql = "create table half (id int);" }));
    }

    [Fact]
    public async Task Migrate_KilledInTheMiddle_KeepsNothingOfTheStep_AndLetsTheNextOneThrough()
    {
        const string slow = "create table half (id int); select pg_sleep(120);";
        await using (
            var migrating = ChildProcess
            .Start(ChildRole.Command("migrate", _database.ConnectionString, "0001_slow.sql", slow) with { OnLine = Console.WriteLine }))
        {
            await Eventually.TrueAsync(
                "the step is half-way",
                async () => await ScalarAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") is 1L,
                s_deadline);
            using var process = Process.GetProcessById(migrating.Pid);
            process.Kill();
        }

        Assert.Equal(["0001_slow.sql"], await MigrateAsync(new MigrationScript("0001_slow.sql", "create table half (id int);")).WaitAsync(s_deadline));
    }

    /// <summary>What release 0.1 left in a database whose last step was 0007: its journal, written here as it was written then, stays ours.</summary>
    [Fact]
    public async Task Migrate_ADatabaseOfThePreviousRelease_AppliesWhatIsNewAlone()
    {
        (string Name, string Sha256)[] journal =
        [
            ("0001_runs.sql", "d55cc56a2a5112cf53cc0dfaeb7c58669e8a52fcca8b5a5a83b753246c601459"),
            ("0002_steering.sql", "58905aee41a85db300a5c5b0004c1ee1bf0e0e267004d7d767d61dc068fecac1"),
            ("0003_outages.sql", "d44c8596866a5a9a877c169bca259d88a2d0ebce7aecf8e5cf616666a36423e2"),
            ("0004_retention.sql", "41d57e2c909a8a242a6326f0e438353639f34fc514c8020d5032b059a1894420"),
            ("0005_loader.sql", "7bddef342d5b28a7363fe627498a87025ee272b7b0e8dd0df3b37a9a77a57d4e"),
            ("0007_strips.sql", "e8b000508a1bc8c1f2581c4048131d8ab5d1ecf290e98ac06c557d91de9ec715"),
        ];
        await ScalarAsync("""
            create schema changedetection;
            create table changedetection.schema_versions (
                name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp());
            """);
        foreach (var (name, sha256) in journal)
        {
            await ScalarAsync($"set search_path to changedetection; {MigrationScript.Embedded.Single(script => script.Name == name).Sql}");
            await ScalarAsync($"insert into changedetection.schema_versions (name, sha256) values ('{name}', '{sha256}')");
        }

        var applied = await Migrator.MigrateAsync(_database.ConnectionString);

        Assert.Equal(MigrationScript.Embedded.Select(script => script.Name).Except(journal.Select(step => step.Name)), applied);
        Assert.Contains("0008_uploads.sql", applied);
        Assert.Equal(true, await ScalarAsync("select to_regclass('changedetection.uploads') is not null"));
        Assert.Empty(await Migrator.MigrateAsync(_database.ConnectionString));
    }

    [Fact]
    public async Task Migrate_WithAStepThatWasEditedSince_IsRefused()
    {
        await MigrateAsync(s_first);

        var error = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(s_first with { Sql = s_first.Sql + " -- harmless" }, s_second));

        Assert.Contains("0001_first.sql was edited", error.Message, StringComparison.Ordinal);
        Assert.Empty(await MigrateAsync(s_first with { Sql = s_first.Sql.ReplaceLineEndings("\r\n") }));
    }

    [Fact]
    public async Task Migrate_ByAnOlderVersion_IsRefused()
    {
        await MigrateAsync(s_first, s_second);

        var error = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(s_first));

        Assert.Contains("0002_second.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForVersion_EndsWhenAnotherProcessHasMigrated()
    {
        await MigrateAsync(s_first);
        var waiting = Migrator.WaitForVersionAsync(_database.DataSource, [s_first, s_second], s_deadline, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        await MigrateAsync(s_first, s_second);

        await waiting;
        await Migrator.WaitForVersionAsync(_database.DataSource, [s_first], s_deadline, CancellationToken.None);
    }

    [Fact]
    public async Task WaitForVersion_InVain_SaysWhatItWaitedForAndWhoBringsIt()
    {
        await MigrateAsync(s_first);

        var error = await Assert.ThrowsAsync<MigrationException>(
            () => Migrator.WaitForVersionAsync(_database.DataSource, [s_first, s_second], TimeSpan.FromMilliseconds(300), CancellationToken.None));

        Assert.Contains("the migration 0002_second.sql", error.Message, StringComparison.Ordinal);
        Assert.Contains("changedetection up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForVersion_WhileTheDatabaseIsDown_SaysSo()
    {
        var nobody = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Port = FreePort.ToKeep() };
        await using var source = NpgsqlDataSource.Create(nobody);

        var error = await Assert.ThrowsAsync<MigrationException>(
            () => Migrator.WaitForVersionAsync(source, [s_first], TimeSpan.FromMilliseconds(300), CancellationToken.None));

        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InstallHangfire_AfterItsSchemaWasDropped_MakesItAgain()
    {
        await MigrateAsync();
        await ScalarAsync("drop schema hangfire cascade");

        await Migrator.InstallHangfireAsync(_database.ConnectionString);

        Assert.Equal(true, await ScalarAsync("select to_regclass('hangfire.job') is not null"));
    }

    [Fact]
    public void Embedded_HasEveryScriptOfTheFolder_Numbered()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src/Shared/Core/Database/Migrations"), "*.sql").Select(Path.GetFileName);

        Assert.Equal(files.Order(StringComparer.Ordinal), MigrationScript.Embedded.Select(script => script.Name));
        Assert.All(MigrationScript.Embedded, script => Assert.Matches(@"^\d{4}_[a-z_]+\.sql$", script.Name));
    }

    private Task<IReadOnlyList<string>> MigrateAsync(params MigrationScript[] scripts) =>
        Migrator.MigrateAsync(_database.ConnectionString, scripts, CancellationToken.None);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
