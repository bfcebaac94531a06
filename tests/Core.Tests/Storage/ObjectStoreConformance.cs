using System.Collections.Concurrent;
using System.Text;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>What every backend promises. A new backend derives from this class and passes it.</summary>
public abstract class ObjectStoreConformance : IAsyncLifetime
{
    /// <summary>More than one part of an upload.</summary>
    private const int SeveralParts = 20_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A store of its own for this test, empty.</summary>
    protected IObjectStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task<IObjectStore> OpenAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_001)]
    [InlineData(3_000_000)]
    [InlineData(SeveralParts)]
    public async Task Put_AnyLength_ReadsBackTheSameBytes(int length)
    {
        var bytes = Bytes(length);
        await PutAsync("a/b", bytes);
        Assert.Equal(bytes, await ReadAsync("a/b"));
        Assert.Equal(length, await Store.LengthAsync(new ObjectKey("a/b"), Token));
    }

    [Fact]
    public async Task Put_TakenKey_ThrowsAndLeavesTheOldObject()
    {
        await PutAsync("k", Bytes(10));
        var error = await Assert.ThrowsAsync<ObjectExistsException>(() => PutAsync("k", Bytes(11)));
        Assert.Equal("k", error.Key.Value);
        Assert.Equal(Bytes(10), await ReadAsync("k"));
    }

    [Fact]
    public async Task Put_ManyWritersOfOneKeyAtOnce_OneWinsWhole()
    {
        const int writers = 8;
        var outcomes = new ConcurrentBag<int>();
        var (arrived, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await Task.WhenAll(Enumerable.Range(1, writers).Select(async writer =>
        {
            try
            {
                await Store.PutAsync(new ObjectKey("runs/1/weights"), async (stream, token) =>
                {
                    await stream.WriteAsync(Enumerable.Repeat((byte)writer, 50_000).ToArray(), token);
                    if (Interlocked.Increment(ref arrived) == writers)
                        all.SetResult();
                    await all.Task.WaitAsync(token);
                }, Token);
                outcomes.Add(writer);
            }
            catch (ObjectExistsException)
            {
            }
        }));
        var winner = Assert.Single(outcomes);
        Assert.Equal(Enumerable.Repeat((byte)winner, 50_000), await ReadAsync("runs/1/weights"));
        Assert.Equal(["runs/1/weights"], await ListAsync(""));
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(SeveralParts)]
    public async Task Put_WriterThrows_LeavesNothingAndPassesTheExceptionOn(int written)
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Store.PutAsync(new ObjectKey("a/b"), async (stream, token) =>
        {
            await stream.WriteAsync(Bytes(written), token);
            throw new InvalidDataException("the source broke off");
        }, Token));
        Assert.Null(await Store.LengthAsync(new ObjectKey("a/b"), Token));
        Assert.Empty(await ListAsync(""));
        Assert.Empty(await Store.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
        await PutAsync("a/b", Bytes(3));
        Assert.Equal(Bytes(3), await ReadAsync("a/b"));
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(SeveralParts)]
    public async Task Put_Cancelled_LeavesNothing(int written)
    {
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(new ObjectKey("a"), async (stream, token) =>
        {
            await stream.WriteAsync(Bytes(written), token);
            await cancel.CancelAsync();
            await stream.WriteAsync(Bytes(written), token);
        }, cancel.Token));
        Assert.Empty(await ListAsync(""));
        Assert.Empty(await Store.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task OpenRead_ManyReadersAtOnce_EachReadsItsOwnPart()
    {
        var bytes = Bytes(1_000_000);
        await PutAsync("x", bytes);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async reader =>
            Assert.Equal(bytes.AsSpan(reader * 50_000, 200_000).ToArray(), await ReadAsync("x", reader * 50_000, 200_000))));
    }

    [Theory]
    [InlineData(0, 10, 0, 10)]
    [InlineData(5, 7, 5, 7)]
    [InlineData(0, null, 0, 1000)]
    [InlineData(990, null, 990, 10)]
    [InlineData(990, 20, 990, 10)]
    [InlineData(1000, 5, 1000, 0)]
    [InlineData(5000, null, 1000, 0)]
    [InlineData(0, 1, 0, 1)]
    [InlineData(10, 0, 10, 0)]
    public async Task OpenRead_Range_GivesThatPartCutAtTheEnd(long offset, int? length, int start, int count)
    {
        await PutAsync("x", Bytes(1000));
        Assert.Equal(Bytes(1000).AsSpan(start, count).ToArray(), await ReadAsync("x", offset, length));
    }

    [Fact]
    public async Task Absent_EveryMember_SaysSo()
    {
        await PutAsync("there", Bytes(1));
        foreach (var key in new[] { "not-there", "there/below", "no/such/folder" })
        {
            Assert.Null(await Store.LengthAsync(new ObjectKey(key), Token));
            await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(new ObjectKey(key), 0, null, Token));
            await Store.DeleteAsync(new ObjectKey(key), Token);
        }
        Assert.Equal(["there"], await ListAsync(""));
    }

    [Fact]
    public async Task OddKeys_AreStoredUnderThemselves()
    {
        string[] keys =
        [
            "a", "A", ".hidden", "..x", "a.b", "a=1/b@2/c+d,e", "_", "...a", $"{new string('d', 128)}/{new string('e', 128)}", ".tmp/a", "x/.tmp/y",
            string.Join('/', Enumerable.Repeat("deep", 100)),
        ];
        foreach (var key in keys)
            await PutAsync(key, Encoding.ASCII.GetBytes(key));
        foreach (var key in keys)
            Assert.Equal(key, Encoding.ASCII.GetString(await ReadAsync(key)));
        Assert.Equal(keys.Order(StringComparer.Ordinal), await ListAsync(""));
    }

    [Fact]
    public async Task List_Prefix_GivesKeysInOrdinalOrderWithLengths()
    {
        string[] keys = ["runs/2/a", "runs/10/a", "runs/1/b", "runs/1/a", "runs/1.x", "runs/1-x", "runs.txt", "Runs/1/a", "z"];
        foreach (var key in keys)
            await PutAsync(key, Bytes(key.Length));
        Assert.Equal(keys.Order(StringComparer.Ordinal), await ListAsync(""));
        Assert.Equal(["runs/1-x", "runs/1.x", "runs/1/a", "runs/1/b", "runs/10/a"], await ListAsync("runs/1"));
        Assert.Equal(["runs/1/a", "runs/1/b"], await ListAsync("runs/1/"));
        Assert.Empty(await ListAsync("nothing/"));
        await foreach (var item in Store.ListAsync("", Token))
            Assert.Equal(item.Key.Value.Length, item.Length);
    }

    [Theory]
    [InlineData("../")]
    [InlineData("../../etc/")]
    [InlineData("/")]
    [InlineData("a/../../")]
    public async Task List_PrefixThatNoKeyHas_IsEmpty(string prefix)
    {
        await PutAsync("a/b", Bytes(1));
        Assert.Empty(await ListAsync(prefix));
    }

    [Fact]
    public async Task Delete_RemovesThatObjectAlone_AndFreesItsKey()
    {
        await PutAsync("a/b/c", Bytes(5));
        await PutAsync("a/d", Bytes(5));
        await Store.DeleteAsync(new ObjectKey("a/b/c"), Token);
        Assert.Equal(["a/d"], await ListAsync(""));
        await PutAsync("a/b/c", Bytes(6));
        Assert.Equal(Bytes(6), await ReadAsync("a/b/c"));
    }

    [Fact]
    public async Task Delete_RacingWithPutsBesideIt_LosesNone()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var key = new ObjectKey($"shared/folder/{worker}-{i}");
                await Store.PutAsync(key, (stream, token) => stream.WriteAsync(Bytes(8), token).AsTask(), Token);
                Assert.Equal(8, await Store.LengthAsync(key, Token));
                await Store.DeleteAsync(key, Token);
            }
        })));
        Assert.Empty(await ListAsync(""));
    }

    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    protected Task PutAsync(string key, byte[] bytes)
        => Store.PutAsync(new ObjectKey(key), (stream, token) => stream.WriteAsync(bytes, token).AsTask(), Token);

    protected async Task<byte[]> ReadAsync(string key, long offset = 0, long? length = null)
    {
        await using var stream = await Store.OpenReadAsync(new ObjectKey(key), offset, length, Token);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    protected async Task<List<string>> ListAsync(string prefix)
        => await Store.ListAsync(prefix, Token).Select(item => item.Key.Value).ToListAsync(Token);
}
