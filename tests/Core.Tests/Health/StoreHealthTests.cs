using ChangeDetection.Core.Health;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Health;

/// <summary>What is wrong with a store is found before a run is, and the check leaves nothing.</summary>
public sealed class StoreHealthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_OfASoundStore_SaysHowLongItTook_AndLeavesNothing()
    {
        var store = new FileObjectStore(_folder["store"]);
        await PutAsync(store, "runs/one");
        await PutAsync(store, "health/20200101T000000Z-left-behind");

        var found = await StoreHealth.CheckAsync(store.Root, TimeProvider.System, Token);

        Assert.Equal((HealthState.Ok, null), (found.State, found.Problem));
        Assert.Matches(@"64 KiB written in \d+ ms, read back in \d+ ms, a key that is taken is kept$", found.Seen);
        Assert.Equal([_folder["store/runs/one"]], Directory.GetFiles(_folder["store"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Check_OfAFileWhereTheFolderShouldBe_NamesItAndTheHost()
    {
        var path = _folder.Write("store", "no folder");

        var found = await StoreHealth.CheckAsync(new FileObjectStore(path).Root, TimeProvider.System, Token);

        Assert.Equal(HealthState.Failed, found.State);
        Assert.Contains(
            $"it cannot be written to from {Environment.MachineName}: Cannot open '{path}': Not a directory.", found.Problem, StringComparison.Ordinal);
        Assert.NotNull(found.Remedy);
    }

    [Fact]
    public async Task Check_OfADiskThatRefusesToWrite_SaysWhy()
    {
        var disk = new FailingDisk(DiskStep.Flush, DiskFault.Broken);
        disk.Refuse();

        var found = await StoreHealth.CheckAsync(disk.Store(_folder["store"]), TimeProvider.System, Token);

        Assert.Equal(HealthState.Failed, found.State);
        Assert.Contains("Input/output error", found.Problem, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Resource.Processes)]
    public async Task Check_OfADiskThatIsFull_SaysSoAndHowToMakeRoom()
    {
        using var disk = SmallDisk.MountOrSkip(_folder["disk"], 4 << 20);

        var found = await StoreHealth.CheckAsync(new FileObjectStore(disk.Path).Root, TimeProvider.System, Token);

        Assert.Equal(HealthState.Failed, found.State);
        Assert.StartsWith("its disk is full: 0.0 of 0.0 GiB free (tmpfs)", found.Problem, StringComparison.Ordinal);
        Assert.Contains("checkpoint gc", found.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BoundedCheck_OfWhatBlocksForEver_EndsAllTheSame()
    {
        using var never = new ManualResetEventSlim();

        var found = await BoundedCheck.RunAsync("mount", TimeSpan.FromMilliseconds(50), _ =>
        {
            never.Wait(TimeSpan.FromMinutes(1), CancellationToken.None);
            return Task.FromResult(HealthFinding.Good("mount", "late"));
        }, TimeProvider.System, Token);
        never.Set();

        Assert.Equal((HealthState.Failed, "it was not done within 0.1 s."), (found.State, found.Problem));
    }

    private static Task PutAsync(FileObjectStore store, string key) =>
        store.PutAsync(new ObjectKey(key), (stream, token) => stream.WriteAsync(new byte[1], token).AsTask(), Token);
}
