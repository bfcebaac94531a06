using System.Diagnostics;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Database.LocalServer;

/// <summary>A data folder that was moved, copied or given away has its own database there, or says why not: never an empty one, never another's.</summary>
[Needs(Resource.Processes)]
public sealed class TravellingClusterTests(PreparedCluster prepared) : IClassFixture<PreparedCluster>
{
    [Fact]
    public async Task Start_AfterAParentWasRenamed_FindsTheCluster_AndWritesNoPath()
    {
        await using var copy = await prepared.CopyAsync();
        await (await copy.StartAsync()).StopAsync();
        await using var renamed = Renamed(copy);

        var server = await renamed.StartAsync();

        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
        Assert.Equal(renamed.Folder.Postgres, server.Home);
        Assert.Equal("postgres", ClusterRecord.Read(renamed.Folder)!.Home);
        Assert.Equal([copy.Folder.Path], SystemFile.Read(renamed.Folder)!.Former!.TakeLast(1));
        await server.StopAsync();
    }

    [Fact]
    public async Task Start_OfARenamedFolderWhoseServerStillRuns_AdoptsIt()
    {
        await using var copy = await prepared.CopyAsync();
        var left = await copy.StartAsync();
        await using var renamed = Renamed(copy);

        var adopted = await renamed.StartAsync();

        Assert.Equal(left.Port, adopted.Port);
        Assert.Equal(42, await PreparedCluster.KeptAsync(adopted));
        await adopted.StopAsync();
    }

    [Fact]
    public async Task Start_OfACopyOfARunningFolder_IsRefused_AndTheOriginalRunsOn()
    {
        await using var original = await prepared.CopyAsync();
        var server = await original.StartAsync();
        await using var copy = await CopiedAsync(original.Folder);

        var error = await Assert.ThrowsAsync<SystemIdentityException>(copy.StartAsync);

        Assert.Contains($"'{copy.Folder}' was copied from '{original.Folder}' while the system there was up", error.Message, StringComparison.Ordinal);
        Assert.Contains("changedetection backup", error.Message, StringComparison.Ordinal);
        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
        Assert.Equal(original.PostmasterPid(), copy.PostmasterPid());
        await server.StopAsync();
        // Now that the original is down, the copy is no better than it was.
        await Assert.ThrowsAsync<SystemIdentityException>(copy.StartAsync);
    }

    [Fact]
    public async Task Start_OfACopyOfAFolderThatWasDown_IsASystemOfItsOwnBesideTheOriginal()
    {
        await using var original = await prepared.CopyAsync();
        await (await original.StartAsync()).StopAsync();
        await using var copy = await CopiedAsync(original.Folder);

        // The copy first: it must leave the original its port.
        var second = await copy.StartAsync();
        var first = await original.StartAsync();

        Assert.NotEqual(first.Port, second.Port);
        await PreparedCluster.ExecuteAsync(second, "update kept set value = 43");
        Assert.Equal((42, 43), (await PreparedCluster.KeptAsync(first), await PreparedCluster.KeptAsync(second)));
        var (one, other) = (SystemFile.Read(original.Folder)!, SystemFile.Read(copy.Folder)!);
        Assert.NotEqual(one.Id, other.Id);
        Assert.Equal((FolderState.Copied, copy.Folder.Path), (other.State, other.Place!.Path));
    }

    [Fact]
    public async Task Start_OfACopyWhoseOriginalIsGone_IsTheSameSystem()
    {
        await using var original = await prepared.CopyAsync();
        await (await original.StartAsync()).StopAsync();
        var id = SystemFile.Read(original.Folder)!.Id;
        await using var copy = await CopiedAsync(original.Folder);
        Directory.Delete(original.Folder.Path, recursive: true);

        Assert.Equal(42, await PreparedCluster.KeptAsync(await copy.StartAsync()));
        Assert.Equal(id, SystemFile.Read(copy.Folder)!.Id);
        Directory.CreateDirectory(original.Folder.Path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_OfAFolderOfTheOldFormat_OpensWhereItIsAndWhereItWasMovedTo(bool moved)
    {
        await using var copy = await prepared.CopyAsync();
        var former = moved ? "/nowhere/any/more/postgres" : copy.Folder.Postgres;
        await WriteOldRecordAsync(copy.Folder, former);
        File.Delete(copy.Folder[SystemFile.Name]);

        Assert.Equal(42, await PreparedCluster.KeptAsync(await copy.StartAsync()));
        Assert.Equal("postgres", ClusterRecord.Read(copy.Folder)!.Home);
        // A program of before would take a relative path from wherever it is started, and begin anew there: it must not find one.
        using var written = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(copy.Folder.Cluster));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, written.RootElement.GetProperty("home").ValueKind);
    }

    [Fact]
    public async Task Start_OfACopyOfTheOldFormatOfARunningFolder_IsRefused()
    {
        await using var original = await prepared.CopyAsync();
        var server = await original.StartAsync();
        await WriteOldRecordAsync(original.Folder, original.Folder.Postgres);
        File.Delete(original.Folder[SystemFile.Name]);
        await using var copy = await CopiedAsync(original.Folder);

        var error = await Assert.ThrowsAsync<SystemIdentityException>(copy.StartAsync);

        Assert.Contains($"copied from '{original.Folder}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(42, await PreparedCluster.KeptAsync(server));
    }

    [Theory]
    [InlineData("", "system.json")]
    [InlineData("system.json", "connection.json")]
    [InlineData("system.json connection.json", "objects in its store")]
    [InlineData("system.json connection.json store", "logs of its processes")]
    [InlineData("postgres.json", "system.json")]
    [InlineData("postgres.json system.json", "connection.json")]
    [InlineData("postgres.json system.json connection.json", "objects in its store")]
    public async Task Start_WhereTheClusterIsMissing_MakesNoneInItsPlace(string alsoGone, string evidence)
    {
        await using var lost = ClusterCopy.Empty();
        new SystemFile(Guid.NewGuid(), Place: FolderPlace.Of(lost.Folder)).Write(lost.Folder);
        new ClusterRecord("postgres", Environment.UserName, FreePort.ToKeep(), "password").Write(lost.Folder);
        foreach (var name in (string[])["connection.json", "store/runs/object", "logs/dashboard.log"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(lost.Folder[name])!);
            await File.WriteAllTextAsync(lost.Folder[name], "{}");
        }
        foreach (var name in alsoGone.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Directory.Exists(lost.Folder[name]))
                Directory.Delete(lost.Folder[name], recursive: true);
            else
                File.Delete(lost.Folder[name]);
        }

        var error = await Assert.ThrowsAsync<SystemIdentityException>(lost.StartAsync);

        Assert.Contains($"A system has lived in '{lost.Folder}' ({evidence})", error.Message, StringComparison.Ordinal);
        Assert.Contains("changedetection restore FILE", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(lost.Folder.Postgres));
    }

    [Fact]
    public async Task Start_OfAFolderThatWasGivenAway_RunsAsItsNewOwner_AndAgainWhenRootTakesItBack()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && SystemAccount.Find("nobody") is not null, "Only root gives folders away.");
        await using var copy = await prepared.CopyAsync();
        await (await copy.StartAsync()).StopAsync();
        await RunAsync("chown", "-R", "nobody", copy.Folder.Path);

        var given = await copy.StartAsync();
        Assert.Equal(SystemAccount.Find("nobody")!.UserId, FileStatus.Of($"/proc/{copy.PostmasterPid()}")!.Owner);
        Assert.Equal(42, await PreparedCluster.KeptAsync(given));
        await given.StopAsync();

        await RunAsync("chown", "-R", "root", copy.Folder.Path);
        await RunAsync("chmod", "0700", copy.Folder.Path);
        Assert.Equal(42, await PreparedCluster.KeptAsync(await copy.StartAsync()));
    }

    [Fact]
    public async Task Cluster_OutsideItsFolder_IsNamedByTheSystem_GoesAlongWithAMove_AndStaysWithTheOriginalOfACopy()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root lends its cluster to another account.");
        using var closed = new TemporaryFolder();
        var folder = DataFolder.Open(closed["data"]);
        // Deletes the cluster in the end: of all the folders that come to be below, this one names it.
        await using var watchdog = PostgresWatchdog.Start(folder);
        var server = await LocalPostgres.StartAsync(folder, PreparedCluster.Fast);
        await PreparedCluster.ExecuteAsync(server, "create table kept (value int); insert into kept values (44)");
        Assert.Equal($"/var/lib/changedetection/{SystemFile.Read(folder)!.Id}", server.Home);

        var copy = DataFolder.At(closed["copy"]);
        await RunAsync("cp", "-a", folder.Path, copy.Path);
        var refused = await Assert.ThrowsAsync<SystemIdentityException>(() => LocalPostgres.StartAsync(copy, PreparedCluster.Fast));
        Assert.Contains($"'{copy}' is a copy of '{folder}' without its database", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"changedetection backup --out FILE --data-dir {folder}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(44, await PreparedCluster.KeptAsync(server));
        await server.StopAsync();

        // The original moves out of the copy's sight: the cluster knows whose it is, and the copy is refused all the same.
        var moved = DataFolder.At(closed["moved"]);
        Directory.Move(folder.Path, moved.Path);
        var again = await LocalPostgres.StartAsync(moved, PreparedCluster.Fast);
        Assert.Equal(44, await PreparedCluster.KeptAsync(again));
        await again.StopAsync();
        refused = await Assert.ThrowsAsync<SystemIdentityException>(() => LocalPostgres.StartAsync(copy, PreparedCluster.Fast));
        Assert.Contains($"is a copy of '{moved}'", refused.Message, StringComparison.Ordinal);

        // With the original gone the copy takes its place.
        Directory.Move(moved.Path, closed["gone"]);
        File.Move(Path.Combine(closed["gone"], "postgres.json"), Path.Combine(closed["gone"], "postgres.json.old"));
        var heir = await LocalPostgres.StartAsync(copy, PreparedCluster.Fast);
        Assert.Equal(44, await PreparedCluster.KeptAsync(heir));
        await heir.StopAsync();
        Directory.Move(copy.Path, folder.Path);
    }

    [Fact]
    public async Task Start_OfACopyWithoutTheClusterOutside_IsRefused()
    {
        await using var copy = ClusterCopy.Empty();
        var id = Guid.NewGuid();
        new SystemFile(id, FolderState.Settled, FolderPlace.Of(copy.Folder) with { Path = "/on/another/machine", Inode = 1 }).Write(copy.Folder);
        new ClusterRecord($"/var/lib/changedetection/{id}", "postgres", FreePort.ToKeep(), "password").Write(copy.Folder);

        var error = await Assert.ThrowsAsync<SystemIdentityException>(copy.StartAsync);

        Assert.Contains("The folder was copied without its database, which stands outside it", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/var/lib/changedetection/{id}"));
    }

    /// <summary>The file as the release before wrote it.</summary>
    private static Task WriteOldRecordAsync(DataFolder folder, string home)
    {
        var record = ClusterRecord.Read(folder)!;
        return File.WriteAllTextAsync(
            folder.Cluster,
            $$"""
            {
              "home": "{{home}}",
              "account": "{{record.Account}}",
              "port": {{record.Port}},
              "password": "{{record.Password}}"
            }
            """);
    }

    /// <summary>The same folder behind another name of the folder above it.</summary>
    private static ClusterCopy Renamed(ClusterCopy copy)
    {
        var (root, name) = (Path.GetDirectoryName(copy.Folder.Path)!, Path.GetFileName(copy.Folder.Path));
        var renamed = root + "-renamed";
        Directory.Move(root, renamed);
        Directory.CreateDirectory(root);
        return new ClusterCopy(DataFolder.At(Path.Combine(renamed, name)), renamed);
    }

    private static async Task<ClusterCopy> CopiedAsync(DataFolder original)
    {
        var root = ClusterCopy.OpenRoot();
        var folder = DataFolder.At(Path.Combine(root, "copied"));
        await RunAsync("cp", "-a", original.Path, folder.Path);
        return new ClusterCopy(folder, root);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
