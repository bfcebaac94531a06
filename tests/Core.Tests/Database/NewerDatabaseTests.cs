using ChangeDetection.Core.Database;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>Which programs can work with a database that a newer one has migrated: the step says so.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class NewerDatabaseTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly MigrationScript s_first = new("0001_first.sql", "create table a (id int);");
    private static readonly MigrationScript s_compatible = new("0002_compatible.sql", "-- Adds a table.\ncreate table b (id int);");
    private static readonly MigrationScript s_incompatible = new("0003_incompatible.sql", "-- a is another table now.\n-- requires: drain\ndrop table a;");

    private TestDatabase _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public void Script_SaysInItsFirstCommentsThatItRequiresDrain()
    {
        Assert.True(s_incompatible.RequiresDrain);
        Assert.False(s_compatible.RequiresDrain);
        Assert.False(new MigrationScript("0004_late.sql", "create table c (id int);\n-- requires: drain").RequiresDrain);
    }

    [Fact]
    public async Task Wait_OfAnOlderProgram_EndsOnACompatibleDatabase_AndIsRefusedByOneThatIsNot()
    {
        await MigrateAsync(s_first, s_compatible);
        await WaitAsync(s_first);
        await Migrator.RequireServableAsync(_database.DataSource, [s_first], Token);

        await MigrateAsync(s_first, s_compatible, s_incompatible);
        foreach (var refusal in new[]
        {
            await Assert.ThrowsAsync<MigrationException>(() => WaitAsync(s_first)),
            await Assert.ThrowsAsync<MigrationException>(() => Migrator.RequireServableAsync(_database.DataSource, [s_first], Token)),
        })
        {
            Assert.True(refusal.IsNewer);
            Assert.Contains("0003_incompatible.sql", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(ProgramVersion.Text, refusal.Message, StringComparison.Ordinal);
        }
        await WaitAsync(s_first, s_compatible, s_incompatible);
    }

    [Fact]
    public async Task Verb_OfANewerProgram_NamesTheStepThatIsMissing()
    {
        await MigrateAsync(s_first);

        var refusal = await Assert.ThrowsAsync<MigrationException>(
            () => Migrator.RequireServableAsync(_database.DataSource, [s_first, s_compatible], Token));

        Assert.False(refusal.IsNewer);
        Assert.Contains("lacks the migration 0002_compatible.sql", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>As the release before this one left it.</summary>
    [Fact]
    public async Task Journal_WithoutTheseColumns_GetsThem_AndIsReadBeforeThat()
    {
        await using (var old = _database.DataSource.CreateCommand(
            """
            create schema changedetection;
            create table changedetection.schema_versions (
                name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp());
            """))
            await old.ExecuteNonQueryAsync(Token);
        await Migrator.RequireServableAsync(_database.DataSource, [], Token);

        await MigrateAsync(s_first, s_incompatible);

        await Assert.ThrowsAsync<MigrationException>(() => WaitAsync(s_first));
    }

    private Task<IReadOnlyList<string>> MigrateAsync(params MigrationScript[] scripts) => Migrator.MigrateAsync(_database.ConnectionString, scripts, Token);

    private Task WaitAsync(params MigrationScript[] scripts) =>
        Migrator.WaitForVersionAsync(_database.DataSource, scripts, TimeSpan.FromSeconds(1), Token);
}
