using System.Diagnostics;
using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.SingleMachine;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>
/// A data folder that was moved, copied, given away or taken apart: the right runs, or a refusal that says what happened. Never an empty system.
/// </summary>
[Needs(Resource.Processes)]
public sealed class TravellingFolderTests(SystemWithARun system) : IClassFixture<SystemWithARun>, IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly TravellingFolder _place = new(system);

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    [Fact]
    public async Task Up_AfterAParentWasRenamed_GoesOnWithTheRunsAndTheirDataInTheFolder()
    {
        await _place.TakeAsync("old/data");
        _place.Move("old", "new");
        // It is named by the config as it was where the run was submitted, two places ago.
        Directory.Move(Path.Combine(system.Path, "mine"), Path.Combine(system.Path, "mine.away"));
        try
        {
            Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("new/data"));
            await using var up = RunningProgram.Start(
                Executables.Scheduler, ["up", "--workers", "1", "--slots", "cpu", "--data-dir", _place["new/data"]]);
            await up.LineAsync("Ready.", s_limit);
            await Eventually.TrueAsync("the run to succeed", async () =>
            {
                var listed = await _place.VerbAsync("new/data", "list", "--json");
                var state = listed.Json[0].GetProperty("state").GetString();
                Assert.True(state is not "failed", listed.Output);
                return state == "succeeded";
            }, s_limit);
            up.Terminate();
            Assert.Equal(0, await up.ExitAsync(s_limit));
        }
        finally
        {
            Directory.Move(Path.Combine(system.Path, "mine.away"), Path.Combine(system.Path, "mine"));
        }
    }

    [Fact]
    public async Task Copy_BesideARunningOriginal_IsRefused_AndOneOfAFolderThatIsDownIsASystemOfItsOwn()
    {
        await _place.TakeAsync("data");
        await using (var up = RunningProgram.Start(Executables.Scheduler, ["up", "--workers", "0", "--data-dir", _place["data"]]))
        {
            await up.LineAsync("Ready.", s_limit);
            await _place.CopyAsync("data", "torn");
            foreach (var verb in (string[][])[["list"], ["up", "--workers", "0"]])
                (await _place.VerbAsync("torn", verb)).Refused(2, $"'{_place["torn"]}' was copied from '{_place["data"]}' while the system there was up");
            // Another verb holds the copy's lock: what the original wrote of itself, and came along, leads nobody to it.
            using (OwnerLock.TryTake(DataFolder.At(_place["torn"]), "test", TimeProvider.System))
                Assert.Null(ConnectionFile.Read(DataFolder.At(_place["torn"])));
            Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("data"));
            up.Terminate();
            Assert.Equal(0, await up.ExitAsync(s_limit));
        }

        await _place.CopyAsync("data", "copy");
        Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("copy"));
        await system.SubmitAsync(_place["copy"], "second");
        Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("data"));
        Assert.Equal(2, (await _place.RunsAsync("copy")).Count);
        var (original, copy) = (IdOf("data"), IdOf("copy"));
        Assert.NotEqual(original, copy);
        Assert.Equal(original, await MarkAsync("data/store"));
        Assert.Equal(copy, await MarkAsync("copy/store"));
        foreach (var name in (string[])["data", "copy"])
            Assert.Equal(0, (await _place.VerbAsync(name, "checkpoint", "gc")).Code);
    }

    [Fact]
    public async Task Folder_WhoseDatabaseIsGone_IsNeverAnEmptySystem()
    {
        await _place.TakeAsync("data");
        Directory.Delete(_place["data/postgres"], recursive: true);

        foreach (var verb in (string[][])[["list"], ["up", "--workers", "0"]])
            (await _place.VerbAsync("data", verb)).Refused(2, $"A system has lived in '{_place["data"]}' (system.json)", "changedetection restore FILE");
        File.Delete(_place["data/postgres.json"]);
        foreach (var verb in (string[][])[["list"], ["up", "--workers", "0"]])
            (await _place.VerbAsync("data", verb)).Refused(2, $"'{_place["data/postgres.json"]}', which says where its database is, is gone");
        Assert.False(Directory.Exists(_place["data/postgres"]));
    }

    [Fact]
    public async Task Folder_WithTheDatabaseOfAnother_OrWithItsStore_IsRefused()
    {
        await _place.TakeAsync("one");
        await _place.TakeAsync("other");
        var (one, other) = (IdOf("one"), IdOf("other"));
        Directory.Move(_place["other/store"], _place["other/kept"]);
        Directory.Move(_place["one/store"], _place["other/store"]);
        (await _place.VerbAsync("other", "list")).Refused(2, $"belongs to the system {one}, and the database to the system {other}");

        Directory.Move(_place["other/store"], _place["one/store"]);
        Directory.Move(_place["other/kept"], _place["other/store"]);
        foreach (var part in (string[])["postgres", "postgres.json"])
        {
            Directory.Move(_place[$"other/{part}"], _place[$"other/{part}.kept"]);
            await TravellingFolder.RunAsync("cp", "-a", _place[$"one/{part}"], _place[$"other/{part}"]);
        }
        (await _place.VerbAsync("other", "list")).Refused(2, $"is the folder of the system {other}, and the database in it belongs to the system {one}");
        Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("one"));
    }

    [Fact]
    public async Task Store_OutsideTheFolder_IsSharedByNoTwoFolders()
    {
        await _place.TakeAsync("one");
        await _place.TakeAsync("other");
        var (one, other) = (IdOf("one"), IdOf("other"));
        (await WithSharedStoreAsync("one")).Succeeded();
        Assert.Equal(one, await MarkAsync("shared"));

        Said(await WithSharedStoreAsync("other"), $"belongs to the system {one}, and the database to the system {other}");
        Said(await WithSharedStoreAsync("fresh", "up", "--workers", "0"), $"belongs to the system {one}, and '{_place["fresh"]}' holds no database of it");
        Assert.False(File.Exists(_place["fresh/postgres.json"]));
        await _place.CopyAsync("one", "copy");
        Said(await WithSharedStoreAsync("copy"), $"'{_place["copy"]}' is a copy of '{_place["one"]}'", "both would use the store");
        Directory.Move(_place["one"], _place["gone"]);
        File.Delete(_place["gone/system.json"]);
        Said(await WithSharedStoreAsync("copy"), $"'{_place["copy"]}' has come from '{_place["one"]}'", "changedetection up --moved");

        var store = new Uri(_place["shared"]);
        var server = await LocalDatabase.OpenAsync(DataFolder.At(_place["copy"]), store, moved: true, Assert.Fail, CancellationToken.None);
        await server.StopAsync();
        Assert.Contains(SystemWithARun.Run, (await WithSharedStoreAsync("copy")).Succeeded(), StringComparison.Ordinal);
        Assert.Equal(one, await MarkAsync("shared"));
    }

    [Fact]
    public async Task Folder_GivenToAnotherAccount_IsThatAccounts()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root gives folders away.");
        await _place.TakeAsync("data");
        Said(await AsNobodyAsync("data"), "belongs to another account");

        await TravellingFolder.RunAsync("chown", "-R", "nobody", _place["data"]);
        using (var listed = JsonDocument.Parse((await AsNobodyAsync("data")).Succeeded()))
            Assert.Equal(SystemWithARun.Run, listed.RootElement[0].GetProperty("name").GetString());
        // And root may still look, as the account whose folder it is now.
        Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("data"));
        (await AsNobodyAsync("data")).Succeeded();

        await TravellingFolder.RunAsync("chown", "-R", "root", _place["data"]);
        Assert.Equal([SystemWithARun.Run], await _place.RunsAsync("data"));
    }

    private Guid IdOf(string name) => SystemFile.Read(DataFolder.At(_place[name]))!.Id;

    private async Task<Guid?> MarkAsync(string store) => await StoreMarker.ReadAsync(new FileObjectStore(_place[store]), CancellationToken.None);

    /// <summary>A verb on a folder, with a store that stands outside it.</summary>
    private Task<CommandRun> WithSharedStoreAsync(string name, params string[] verb) => CommandRun.OfAsync(
        [.. verb is [] ? ["list"] : verb, "--data-dir", _place[name]],
        new Dictionary<string, string?> { ["CHANGEDETECTION_STORE"] = new Uri(_place["shared"]).AbsoluteUri });

    private async Task<CommandRun> AsNobodyAsync(string name)
    {
        var program = Executables.Locate(Executables.Scheduler);
        var start = new ProcessStartInfo(
            "setpriv", ["--reuid=nobody", "--clear-groups", "--", program.Program, .. program.LeadingArguments, "list", "--json", "--data-dir", _place[name]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = "/nonexistent";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return new CommandRun(process.ExitCode, await output, await errors);
    }

    private static void Said(CommandRun run, params string[] said)
    {
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.All(said, part => Assert.Contains(part, run.Errors, StringComparison.Ordinal));
    }
}
