using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Backups;

[Needs(Resource.Database, Resource.Processes)]
public sealed class SchemaUpgradeTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Upgrade_OfAnOlderDatabase_DumpsItFirst_AndSaysWhatItDid()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        var (older, newest) = (MigrationScript.Embedded.SkipLast(1).ToList(), MigrationScript.Embedded[^1].Name);
        await Migrator.MigrateAsync(database.ConnectionString, older, Token);

        await RunAsync(database);

        var dump = Assert.Single(Directory.GetFiles(_folder["backups"]));
        Assert.EndsWith($"-before-{Path.GetFileNameWithoutExtension(newest)}.dump", dump, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(dump));
        await using (var archive = File.OpenRead(dump))
            await SchemaDump.ReadThroughAsync(PostgresClient.Find(1), archive, Token);
        Assert.Contains(_said, line => line.Contains(Path.GetFileNameWithoutExtension(newest), StringComparison.Ordinal));
        Assert.Contains(_said, line => line.Contains(dump, StringComparison.Ordinal));

        _said.Clear();
        await RunAsync(database);
        Assert.Empty(_said);
        Assert.Single(Directory.GetFiles(_folder["backups"]));
    }

    [Fact]
    public async Task Upgrade_OfADatabaseWithoutASchema_HasNothingToDump()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await RunAsync(database);
        Assert.False(Directory.Exists(_folder["backups"]));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Upgrade_KeepsTheNewestDumps_AndNoUnfinishedOne()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await Migrator.MigrateAsync(database.ConnectionString, [.. MigrationScript.Embedded.SkipLast(1)], Token);
        foreach (var name in new[] { "schema-20200101T000000000Z-before-a.dump", "schema-20210101T000000000Z-before-b.dump", "schema-2022.dump",
            "schema-2019.dump.part", "mine.txt" })
            _folder.Write($"backups/{name}", "");

        await RunAsync(database);

        var left = Directory.GetFiles(_folder["backups"]).Select(Path.GetFileName).ToList();
        Assert.Equal(4, left.Count);
        Assert.Contains("schema-2022.dump", left);
        Assert.Contains("mine.txt", left);
        Assert.DoesNotContain("schema-20200101T000000000Z-before-a.dump", left);
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData("0", 0)]
    [InlineData("12", 12)]
    public void Keep_IsANumber(string? text, int expected) => Assert.Equal(expected, SchemaUpgrade.Keep(text));

    [Theory]
    [InlineData("-1")]
    [InlineData("all")]
    [InlineData("1001")]
    public void Keep_OfSomethingElse_IsAWrongSetting(string text) =>
        Assert.Contains(SchemaUpgrade.KeepVariable, Assert.Throws<SettingsException>(() => SchemaUpgrade.Keep(text)).Message, StringComparison.Ordinal);

    private Task RunAsync(TestDatabase database) =>
        SchemaUpgrade.RunAsync(DataFolder.At(_folder.Path), database.ConnectionString, _said.Add, Token);
}
