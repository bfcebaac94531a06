using System.Text;
using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;
using CsCheck;

namespace ChangeDetection.Scheduler.Tests.Backups;

/// <summary>A backup holds what the rows of one moment name, whole, or is none.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class BackupTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_OfASystem_HoldsWhatRowsName_AndIsIntact()
    {
        await using var scene = await BackupScene.CreateAsync(server);

        var made = await scene.BackUpAsync();

        // Two objects of the checkpoint that is kept, and a picture; the retired checkpoint is nobody's.
        Assert.Equal((3L, 2, 1), (made.Objects, made.Header.Runs, made.Header.Running));
        Assert.Empty(made.Missing);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scene.File));
        var found = await BackupVerification.RunAsync(scene.File, progress: null, Token);
        Assert.True(found.DumpRead);
        Assert.Equal((made.Header.Id, 3L), (found.Contents.Header.Id, found.Contents.Objects));
        Assert.Contains("0001_runs.sql", found.Contents.Header.Migrations);
        Assert.Equal([scene.File], Directory.GetFiles(Path.GetDirectoryName(scene.File)!));
    }

    [Fact]
    public async Task Backup_OntoAFileThatIsThere_IsRefused_UnlessForced()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await File.WriteAllTextAsync(scene.File, "mine", Token);

        var refused = await Assert.ThrowsAsync<BackupException>(() => scene.BackUpAsync());
        Assert.True(refused.IsRequest);
        Assert.Equal("mine", await File.ReadAllTextAsync(scene.File, Token));

        await scene.BackUpAsync(force: true);
        await BackupVerification.RunAsync(scene.File, progress: null, Token);
    }

    [Fact]
    public async Task Backup_WithAnObjectThatIsGone_IsNone_UnlessThatIsAllowed()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var key = RunObject.Picture(scene.Ended, "sample", 1);
        await scene.Store.DeleteAsync(key, Token);

        var refused = await Assert.ThrowsAsync<BackupException>(() => scene.BackUpAsync());
        Assert.Contains($"run {scene.Ended}: '{key}' is missing", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(scene.File)!));

        var made = await scene.BackUpAsync(allowMissing: true);
        Assert.Equal(key.Value, Assert.Single(made.Missing).Key);
        Assert.Equal([key.Value], (await BackupVerification.RunAsync(scene.File, progress: null, Token)).Contents.Missing);
    }

    [Fact]
    public async Task Backup_WithADamagedObject_IsNone()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var path = scene[$"store/{RunObject.Picture(scene.Ended, "sample", 1)}"];
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);

        Assert.Contains("is damaged", (await Assert.ThrowsAsync<BackupException>(() => scene.BackUpAsync())).Message, StringComparison.Ordinal);
    }

    /// <summary>What was retired since the moment of the rows is still in them.</summary>
    [Fact]
    public async Task Collection_WhileABackupIsMade_WaitsForIt_AndNoLonger()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await using (await CollectionHold.TakeAsync(scene.Database.ConnectionString, TimeSpan.FromSeconds(5), Token))
        {
            Assert.Equal([LeftoverFate.Held], (await scene.Running.CollectAsync(TimeSpan.Zero)).Select(leftover => leftover.Fate));
            await Assert.ThrowsAsync<CollectionHeldException>(
                () => CollectionHold.TakeAsync(scene.Database.ConnectionString, TimeSpan.FromMilliseconds(100), Token));
        }
        Assert.Equal([LeftoverFate.Collected], (await scene.Running.CollectAsync(TimeSpan.Zero)).Select(leftover => leftover.Fate));
    }

    [Fact]
    public async Task Hold_OfASessionThatEnded_IsNoneAnyMore()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await using var hold = await CollectionHold.TakeAsync(scene.Database.ConnectionString, TimeSpan.FromSeconds(5), Token);
        await hold.RequireAsync(Token);

        await scene.Database.TerminateBackEndsAsync();

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => hold.RequireAsync(Token));
        scene.Database.DataSource.Clear();
        await Eventually.TrueAsync(
            "the collection to go on", async () => (await scene.Running.CollectAsync(TimeSpan.Zero)).All(one => one.Fate is not LeftoverFate.Held),
            TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(CrashPoints.BackupDumped)]
    [InlineData(CrashPoints.BackupBeforeRename)]
    public async Task Backup_ThatIsKilled_LeavesNoFile_AndHoldsNothing(string point)
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var environment = Environment(scene.Database, scene.Store);

        var killed = await CommandRun.OfAsync(
            ["backup", "--out", scene.File], new Dictionary<string, string?>(environment) { [CrashPoint.Variable] = point });
        Assert.NotEqual(0, killed.ExitCode);
        Assert.False(File.Exists(scene.File));

        Assert.Contains("2 runs (1 of them running) and 3 objects", (await CommandRun.OfAsync(["backup", "--out", scene.File], environment)).Succeeded(),
            StringComparison.Ordinal);
        Assert.Contains("intact", (await CommandRun.OfAsync(["backup", "verify", scene.File])).Succeeded(), StringComparison.Ordinal);
        Assert.Equal([scene.File], Directory.GetFiles(Path.GetDirectoryName(scene.File)!));
    }

    [Fact]
    public async Task BackupVerifyRestore_OfAnObjectThatIsLargerThanTheirMemory_TakeIt()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await scene.AddLargeAsync(200 << 20);
        await using var database = await scene.EmptyDatabaseAsync();
        var little = new Dictionary<string, string?>(Environment(scene.Database, scene.Store)) { ["DOTNET_GCHeapHardLimit"] = "0x5000000" };

        (await CommandRun.OfAsync(["backup", "--out", scene.File], little)).Succeeded();
        (await CommandRun.OfAsync(["backup", "verify", scene.File], little)).Succeeded();
        var there = new Dictionary<string, string?>(Environment(database, new FileObjectStore(scene["new"]))) { ["DOTNET_GCHeapHardLimit"] = "0x5000000" };
        (await CommandRun.OfAsync(["restore", scene.File], there)).Succeeded();
        Assert.Contains("4 objects", (await CommandRun.OfAsync(["storage", "verify", "--hashes"], there)).Succeeded(), StringComparison.Ordinal);
    }

    /// <summary>Wherever a byte is wrong or the rest is cut: the file is refused, or what it holds is the same all the same.</summary>
    [Fact]
    public async Task Verify_OfADamagedFile_NeverTakesIt()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        var made = await scene.BackUpAsync();
        var intact = await File.ReadAllBytesAsync(scene.File, Token);
        var contents = BlocksOfContent(intact);

        await Gen.Int[0, contents.Count - 1].Select(Gen.Int[1, 255], Gen.Bool).SampleAsync(async (at, flip, cut) =>
        {
            var path = scene[$"{Guid.NewGuid():N}"];
            var bytes = cut ? intact[..contents[at]] : [.. intact];
            if (!cut)
                bytes[contents[at]] ^= (byte)flip;
            await File.WriteAllBytesAsync(path, bytes, Token);
            await Assert.ThrowsAsync<BackupException>(() => BackupVerification.RunAsync(path, progress: null, Token));
            File.Delete(path);
        }, iter: 60, threads: 1);
        Assert.Equal(made.Header.Id, (await BackupVerification.RunAsync(scene.File, progress: null, Token)).Contents.Header.Id);
    }

    [Fact]
    public async Task Verify_OfAnotherTar_OrNoneAtAll_IsAWrongCommand()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await File.WriteAllTextAsync(scene["text"], "not a tar at all", Token);

        Assert.False((await CommandRun.OfAsync(["backup", "verify", scene["text"]])).ExitCode == 0);
        var absent = await CommandRun.OfAsync(["backup", "verify", scene["nowhere"]]);
        Assert.Equal(2, absent.ExitCode);
        Assert.Contains("There is no file", absent.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await CommandRun.OfAsync(["backup", "--data-dir", scene["data"]])).ExitCode);
    }

    [Fact]
    public void PgDump_OlderThanTheServer_IsRefused_WithThePackageToInstall()
    {
        var refused = Assert.Throws<SettingsException>(() => PostgresClient.Find(99));
        Assert.Contains("postgresql-client-99", refused.Message, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_POSTGRES_BIN", refused.Message, StringComparison.Ordinal);
    }

    internal static Dictionary<string, string?> Environment(TestDatabase database, FileObjectStore store) => new()
    {
        [SystemSettings.DatabaseVariable] = database.ConnectionString,
        [SystemSettings.StoreVariable] = store.Root.AbsoluteUri,
    };

    /// <summary>Offsets of bytes that are an entry's content: what stands in a tar's headers, such as times, is nobody's.</summary>
    private static List<int> BlocksOfContent(byte[] tar)
    {
        var offsets = new List<int>();
        for (var at = 0; at + 512 <= tar.Length && tar[at] != 0;)
        {
            var size = Convert.ToInt64(Encoding.ASCII.GetString(tar, at + 124, 11).Trim('\0', ' '), 8);
            if (tar[at + 156] == (byte)'0')
                offsets.AddRange(Enumerable.Range(at + 512, (int)size));
            at += 512 + (int)((size + 511) / 512 * 512);
        }
        return offsets;
    }
}
