using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using CsCheck;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Core.Tests.Hosting;

/// <summary>One precedence for every program: the option, the environment, the file; and never rows of one system with objects of another.</summary>
public sealed class SystemSettingsTests
{
    private const string Own = "/data/own";

    [Fact]
    public void Option_WhileTheEnvironmentNamesASystem_NamesAnotherWhole()
    {
        var settings = Read("/data/chosen", environment: new("Host=remote", "s3://remote/store", "/data/here"), file: new("Host=file", "s3://file/store"));
        Assert.Equal((null, null, "/data/chosen"), (settings.Database, settings.NamedStore, settings.Folder.Path));
        Assert.Equal(new Uri("file:///data/chosen/store/"), settings.Store);
    }

    [Fact]
    public void Option_WhileOnlyAStoreIsNamed_HasThatStore() =>
        Assert.Equal(new Uri("s3://bucket/store"), Read("/data/chosen", environment: new(Store: "s3://bucket/store")).Store);

    [Fact]
    public void Environment_GoesBeforeTheFile_WithItsStore()
    {
        var settings = Read(null, environment: new("Host=remote"), file: new("Host=file", "s3://file/store", "/data/file"));
        Assert.Equal(("Host=remote", null, "/data/file"), (settings.Database, settings.NamedStore, settings.Folder.Path));
        Assert.Equal(new Uri("file:///data/file/store/"), settings.Store);
    }

    [Fact]
    public void Store_InTheFileAlone_GoesWithADatabaseOfTheEnvironment() =>
        Assert.Equal(new Uri("s3://file/store"), Read(null, environment: new("Host=remote"), file: new(Store: "s3://file/store")).NamedStore);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Setting_ThatIsBlank_IsNone(string blank)
    {
        var settings = Read(blank, environment: new(blank, blank, blank), file: new("Host=file", "s3://file/store", Own));
        Assert.Equal(("Host=file", "s3://file/store", Own), (settings.Database, settings.Store.OriginalString, settings.Folder.Path));
    }

    [Fact]
    public void Store_ThatIsNoAbsoluteUri_IsRefusedByItsName()
    {
        var error = Assert.Throws<SettingsException>(() => Read(null, environment: new("Host=db", "store")));
        Assert.Contains("CHANGEDETECTION_STORE is 'store', which is not an absolute URI", error.Message, StringComparison.Ordinal);
        Assert.Contains("file:///", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_WhereNoSystemIsUp_SaysHowToGetOneAndMakesNoFolder()
    {
        using var place = new TemporaryFolder();
        var error = Assert.Throws<SettingsException>(() => Read(place["none"]).Locate());
        Assert.StartsWith($"No system is up on '{place["none"]}'. Start one with 'changedetection up", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place["none"]));
    }

    [Fact]
    public void Locate_ASystemThatIsUp_IsWhereItSaysItselfWhateverStoreIsNamed()
    {
        using var place = new TemporaryFolder();
        var folder = DataFolder.Open(place["data"]);
        using var owner = OwnerLock.TryTake(folder, "up", TimeProvider.System);
        File.WriteAllText(folder.Cluster, "{}");
        new ConnectionFile("Host=here", new Uri("file:///here/store"), Dashboard: null, Environment.ProcessId).Write(folder);

        var expected = ("Host=here", new Uri("file:///here/store"));
        Assert.Equal(expected, Read(folder.Path, environment: new("Host=remote", "s3://remote/store")).Locate());
        Assert.Equal(expected, Read(null, environment: new(Store: "s3://remote/store", DataDir: folder.Path)).Locate());
    }

    [Fact]
    public void WithOwnDatabase_WhereAnotherIsNamed_IsRefusedUnlessAFolderIs()
    {
        var error = Assert.Throws<SettingsException>(() => Read(null, environment: new("Host=remote;Password=canary")).WithOwnDatabase());
        Assert.Contains("CHANGEDETECTION_DATABASE", error.Message, StringComparison.Ordinal);
        Assert.Contains("--data-dir", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.Message, StringComparison.Ordinal);
        Assert.Null(Read("/data/chosen", environment: new("Host=remote")).WithOwnDatabase().Database);
    }

    [Fact]
    public void Text_OfTheSettings_HasNoPassword() =>
        Assert.DoesNotContain("canary", $"{Read(null, environment: new("Host=remote;Password=canary"))}", StringComparison.Ordinal);

    /// <summary>Whatever is set where: no store is taken from a source whose database is not the one in use.</summary>
    [Fact]
    public void Read_OfAnySources_NeverTakesAStoreThatBelongsToAnotherDatabase()
    {
        var source = Gen.Select(
            Gen.OneOf<string?>(
                null, "", "Host=a", "Host=b"), Gen.OneOf<string?>(null, " ", "s3://a/x", "s3://b/y"), Gen.OneOf<string?>(null, "/data/a", "/data/b"),
            (database, store, dataDir) => new Source(database, store, dataDir));
        Gen.Select(Gen.OneOf<string?>(null, "/data/chosen"), source, source).Sample((option, environment, file) =>
        {
            var settings = Read(option, environment, file with { DataDir = file.DataDir ?? Own });
            Source[] sources = [environment, file];
            Assert.Equal(option is not null ? null : sources.Select(one => one.Database).FirstOrDefault(Named), settings.Database);
            var candidates = sources.Where(one => Named(one.Store) && (!Named(one.Database) || one.Database == settings.Database));
            Assert.Equal(candidates.FirstOrDefault()?.Store, settings.NamedStore?.OriginalString);
            Assert.Equal(option ?? environment.DataDir ?? file.DataDir ?? Own, settings.Folder.Path);
        });
    }

    private static bool Named(string? text) => !string.IsNullOrWhiteSpace(text);

    private static SystemSettings Read(string? option, Source? environment = null, Source? file = null) =>
        SystemSettings.Read(option, (environment ?? new Source()).Configuration, (file ?? new Source(DataDir: Own)).Configuration);

    private sealed record Source(string? Database = null, string? Store = null, string? DataDir = null)
    {
        public IConfiguration Configuration => new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["DATABASE"] = Database, ["STORE"] = Store, ["DATA_DIR"] = DataDir })
            .Build();
    }
}
