using System.Diagnostics;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using CsCheck;

namespace ChangeDetection.Core.Tests.Storage;

[Needs(Resource.Processes)]
public sealed class FileObjectStoreTests : ObjectStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(new FileObjectStore(_folder["store"]));

    [Fact]
    public void AnyText_AsKey_IsRejectedOrStaysInsideTheRoot()
    {
        string[] parts = ["..", ".", "a", "C:", "%2e%2e", "~", "CON", "nul.txt", "-rf", "", "x\0y", new string('a', 300), ".tmp~"];
        var hostile = Gen.OneOf(
            Gen.String,
            Gen.String["./\\~%2eEcC:-CONaux \0\n\u202e"],
            Gen.Int[0, parts.Length - 1].Array[0, 6].Select(chosen => string.Join('/', chosen.Select(i => parts[i]))));
        hostile.Sample(text =>
        {
            if (ObjectKeyRules.Violation(text) is not null)
                return !Try(() => new ObjectKey(text));
            var path = Path.GetFullPath(Path.Combine("/root-of-store", new ObjectKey(text).Value));
            return path == "/root-of-store/" + text && !path.StartsWith("/root-of-store/.tmp~", StringComparison.Ordinal);
        }, iter: 20_000, seed: "0N0XIzNsQ0O2");
    }

    [Theory]
    [InlineData("link")]
    [InlineData("folder-link/secret")]
    public async Task Link_OutOfTheRoot_IsNeverFollowed(string key)
    {
        await PutAsync("a", Bytes(1));
        _folder.Write("outside/secret", "secret");
        File.CreateSymbolicLink(_folder["store/link"], _folder["outside/secret"]);
        Directory.CreateSymbolicLink(_folder["store/folder-link"], _folder["outside"]);

        var error = await Assert.ThrowsAsync<IOException>(() => Store.OpenReadAsync(new ObjectKey(key), 0, null, Token));
        Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => Store.LengthAsync(new ObjectKey(key), Token));
        await Assert.ThrowsAsync<IOException>(() => PutAsync(key, Bytes(1)));
        await Assert.ThrowsAsync<IOException>(() => PutAsync("folder-link/new", Bytes(1)));
        Assert.Equal(["a"], await ListAsync(""));
        Assert.Empty(await ListAsync("folder-link/"));
        Assert.Equal(["secret"], Directory.GetFiles(_folder["outside"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Delete_OfALink_LeavesWhatItPointsTo()
    {
        await PutAsync("a", Bytes(1));
        var secret = _folder.Write("outside/secret", "secret");
        File.CreateSymbolicLink(_folder["store/link"], secret);
        await Store.DeleteAsync(new ObjectKey("link"), Token);
        Assert.True(File.Exists(secret));
    }

    [Theory]
    [InlineData(DiskStep.Create, DiskFault.Full, "Free space")]
    [InlineData(DiskStep.Create, DiskFault.Denied, "chown")]
    [InlineData(DiskStep.FirstByte, DiskFault.Full, "Free space")]
    [InlineData(DiskStep.Middle, DiskFault.Full, "Free space")]
    [InlineData(DiskStep.Middle, DiskFault.Broken, "dmesg")]
    [InlineData(DiskStep.Flush, DiskFault.Full, "Free space")]
    [InlineData(DiskStep.Flush, DiskFault.Broken, "dmesg")]
    [InlineData(DiskStep.Rename, DiskFault.Full, "Free space")]
    [InlineData(DiskStep.Rename, DiskFault.Denied, "chown")]
    [InlineData(DiskStep.FlushFolder, DiskFault.Broken, "dmesg")]
    public async Task Put_DiskRefuses_LeavesNothingNamesTheRemedyAndWorksOnceItIsHealed(DiskStep step, DiskFault fault, string remedy)
    {
        var disk = new FailingDisk(step, fault);
        var store = disk.Store(_folder["store"]);
        Task Put() => store.PutAsync(new ObjectKey("runs/1/w"), (stream, token) => stream.WriteAsync(Bytes(200_000), token).AsTask(), Token);
        disk.Refuse();

        var error = await Assert.ThrowsAsync<IOException>(Put);

        Assert.Contains(_folder["store/"], error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Empty(FilesBelow());
        disk.Heal();
        await Put();
        Assert.Equal(200_000, await store.LengthAsync(new ObjectKey("runs/1/w"), Token));
    }

    [Fact]
    public async Task Put_OnARealFullDisk_LeavesTheOtherObjectsAndWorksAgainOnceThereIsRoom()
    {
        using var disk = SmallDisk.MountOrSkip(_folder["disk"], bytes: 1 << 20);
        var store = new FileObjectStore(disk.Path);
        async Task Put(string key, int length)
            => await store.PutAsync(new ObjectKey(key), (stream, token) => stream.WriteAsync(Bytes(length), token).AsTask(), Token);
        await Put("old", 600_000);
        var error = await Assert.ThrowsAsync<IOException>(() => Put("new", 600_000));
        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Equal(["old"], await store.ListAsync("", Token).Select(item => item.Key.Value).ToListAsync(Token));
        await store.DeleteAsync(new ObjectKey("old"), Token);
        await Put("new", 600_000);
    }

    [Fact]
    public async Task Put_IntoAFolderThatIsAnObject_NamesThePathAndTheRule()
    {
        await PutAsync("a", Bytes(1));
        var error = await Assert.ThrowsAsync<IOException>(() => PutAsync("a/b", Bytes(1)));
        Assert.Contains(_folder["store/a"], error.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes(1), await ReadAsync("a"));
    }

    [Fact]
    public async Task Put_WhenItIsDone_LeavesObjectsAlone_HoweverManyAreUnderWay()
    {
        const int puts = 400;
        FileObjectStore[] stores = [new(_folder["store"]), new(_folder["store"])];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, puts), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (number, token) =>
            await stores[number % stores.Length].PutAsync(
                new ObjectKey($"{number}"), (stream, writing) => stream.WriteAsync(Bytes(1), writing).AsTask(), token));

        Assert.Equal(puts, (await ListAsync("")).Count);
        Assert.Equal(puts, Directory.GetFileSystemEntries(_folder["store"]).Length);
    }

    [Fact]
    public async Task Temporary_OfAKilledProcess_IsRemovedWhenOldAndNotBefore()
    {
        await PutAsync("a", Bytes(1));
        var old = _folder.Write($"store/{TemporaryFiles.Folder}/old", "half");
        var young = _folder.Write($"store/{TemporaryFiles.Folder}/young", "half");
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(young) - TemporaryFiles.Lifetime - TimeSpan.FromMinutes(1));
        await new FileObjectStore(_folder["store"]).PutAsync(new ObjectKey("b"), (_, _) => Task.CompletedTask, Token);
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
        Assert.Equal(["a", "b"], await ListAsync(""));
    }

    [Fact]
    public async Task Unfinished_PutThatIsUnderWay_IsNobodysLeftoverHoweverLongItTakes()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var put = Store.PutAsync(new ObjectKey("slow"), async (stream, token) =>
        {
            await stream.WriteAsync(Bytes(10), token);
            begun.SetResult();
            await goOn.Task;
        }, Token);
        await begun.Task;
        _folder.Write($"store/{TemporaryFiles.Folder}/killed", "half");

        // Another opening of the store, as another process would have it: the lock is the file's, not the process's.
        var other = new FileObjectStore(_folder["store"]);
        var left = Assert.Single(await other.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
        Assert.Equal(("killed", 4L), (left.Name, left.Bytes));
        Assert.Empty(await other.ListUnfinishedAsync(TimeSpan.FromMinutes(1), Token).ToListAsync(Token));
        await other.DeleteUnfinishedAsync(left, Token);
        await other.DeleteUnfinishedAsync(left, Token);

        goOn.SetResult();
        await put;
        Assert.Equal(Bytes(10), await ReadAsync("slow"));
        Assert.Empty(await other.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Delete_LastObjectOfAFolder_RemovesTheFolder()
    {
        await PutAsync("runs/1/checkpoints/5/w", Bytes(1));
        await PutAsync("runs/2/w", Bytes(1));
        await Store.DeleteAsync(new ObjectKey("runs/1/checkpoints/5/w"), Token);
        Assert.False(Directory.Exists(_folder["store/runs/1"]));
        Assert.True(Directory.Exists(_folder["store/runs/2"]));
    }

    [Fact]
    public async Task NamedPipe_InTheRoot_IsNoObjectAndBlocksNobody()
    {
        await PutAsync("a", Bytes(1));
        using (var make = Process.Start("mkfifo", _folder["store/pipe"]))
            await make.WaitForExitAsync(Token);
        Assert.Null(await Store.LengthAsync(new ObjectKey("pipe"), Token));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(new ObjectKey("pipe"), 0, null, Token));
    }

    private static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private IEnumerable<string> FilesBelow() => Directory.EnumerateFiles(_folder["store"], "*", SearchOption.AllDirectories);
}
