using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Backups;

/// <summary>A data folder that is made of a backup, by the command line itself.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RestoredFolderTests(PostgresServer server)
{
    [Fact]
    public async Task Restore_IntoAFolder_AppearsWhole_HoweverOftenItIsKilledBefore()
    {
        await using var scene = await BackupScene.CreateAsync(server);
        await scene.BackUpAsync();
        var folder = DataFolder.At(scene["restored"]);
        await using var unfinished = PostgresWatchdog.Start(DataFolder.At(scene["restored.restoring/system"]));
        await using var finished = PostgresWatchdog.Start(folder);

        // At the first its database server is up, and stays so when it is killed.
        foreach (var point in new[] { CrashPoints.RestoreStored, CrashPoints.RestoreBeforeRename })
        {
            var killed = await RestoreAsync(scene, folder, new Dictionary<string, string?> { [CrashPoint.Variable] = point });
            Assert.NotEqual(0, killed.ExitCode);
            Assert.False(Directory.Exists(folder.Path));
            Assert.Null(DataFolder.Existing(scene["restored.restoring"]));
        }
        Assert.Contains($"changedetection up --data-dir {folder}", (await RestoreAsync(scene, folder)).Succeeded(), StringComparison.Ordinal);

        Assert.False(Directory.Exists(scene["restored.restoring"]));
        Assert.Equal(FolderState.Settled, SystemFile.Read(folder)!.State);
        var runs = JsonDocument.Parse((await CommandRun.OfAsync(["list", "--json", "--data-dir", folder.Path])).Succeeded()).RootElement;
        Assert.Equal(["queued", "succeeded"], runs.EnumerateArray().Select(run => run.GetProperty("state").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains(
            "3 objects", (await CommandRun.OfAsync(["storage", "verify", "--hashes", "--data-dir", folder.Path])).Succeeded(), StringComparison.Ordinal);
        // A backup of a system that is down.
        (await CommandRun.OfAsync(["backup", "--out", scene["second.backup"], "--data-dir", folder.Path])).Succeeded();
        (await CommandRun.OfAsync(["backup", "verify", scene["second.backup"]])).Succeeded();
    }

    private static Task<CommandRun> RestoreAsync(BackupScene scene, DataFolder folder, IReadOnlyDictionary<string, string?>? environment = null) =>
        CommandRun.OfAsync(["restore", scene.File, "--data-dir", folder.Path], environment);
}
