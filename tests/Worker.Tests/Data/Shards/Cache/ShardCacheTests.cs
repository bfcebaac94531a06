using System.Security.Cryptography;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Tests.Data.Shards.Cache;

public sealed class ShardCacheTests : IDisposable
{
    private const int Size = 1000;

    private readonly TemporaryFolder _folder = new();
    private int _fetches;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Take_OfOneShardByMany_FetchesItOnce()
    {
        var cache = Open(10 * Size);
        var taken = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => TakeAsync(i % 2 == 0 ? cache : Open(10 * Size), number: 1))));
        Assert.Equal(1, _fetches);
        Assert.Single(taken, one => one.Fetched);
        foreach (var (copy, _) in taken)
        {
            var bytes = new byte[Size + 1];
            Assert.Equal(Size, await copy.ReadAsync(0, bytes, Token));
            Assert.Equal(Content(1), bytes[..Size]);
            copy.Dispose();
        }
    }

    [Fact]
    public async Task Take_OfAFullCache_EvictsTheLeastRecentlyUsedThatNobodyReads()
    {
        var cache = Open(3 * Size);
        using var reading = (await TakeAsync(cache, 1)).Copy;
        (await TakeAsync(cache, 2)).Copy.Dispose();
        (await TakeAsync(cache, 3)).Copy.Dispose();
        await Eventually.TrueAsync("a later moment, by the file system's clock", async () =>
        {
            (await TakeAsync(cache, 2)).Copy.Dispose();
            return File.GetLastWriteTimeUtc(PathOf(2)) > File.GetLastWriteTimeUtc(PathOf(3));
        }, TimeSpan.FromSeconds(10));

        (await TakeAsync(cache, 4)).Copy.Dispose();
        Assert.Equal([PathOf(1), PathOf(2), PathOf(4)], Copies());
        (await TakeAsync(cache, 5)).Copy.Dispose();
        // The one that is read is the oldest by far, and stays.
        Assert.Equal([PathOf(1), PathOf(4), PathOf(5)], Copies());
    }

    [Fact]
    public async Task Take_WhileAllIsInUse_IsRefusedWithNothingLeft_AndWorksLater()
    {
        var cache = Open(2 * Size);
        var held = new[] { (await TakeAsync(cache, 1)).Copy, (await TakeAsync(Open(2 * Size), 2)).Copy };
        await Assert.ThrowsAsync<NoRoomException>(() => TakeAsync(cache, 3));
        Assert.Equal([PathOf(1), PathOf(2)], Copies());
        Assert.False(Directory.Exists(_folder["cache/.tmp~"]));
        Assert.Equal(2, _fetches);
        held[1].Dispose();
        (await TakeAsync(cache, 3)).Copy.Dispose();
        Assert.Equal([PathOf(1), PathOf(3)], Copies());
        held[0].Dispose();
    }

    [Fact]
    public async Task Take_AfterAKilledFetch_RemovesWhatThatLeft()
    {
        var cache = Open(2 * Size);
        (await TakeAsync(cache, 1)).Copy.Dispose();
        var (left, living) = (_folder.Write("cache/.tmp~/left", new string('x', 5 * Size)), _folder["cache/.tmp~/living"]);
        using var writer = new FileStream(living, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        File.SetLastWriteTimeUtc(left, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
        File.SetLastWriteTimeUtc(living, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
        (await TakeAsync(cache, 2)).Copy.Dispose();
        Assert.False(File.Exists(left));
        Assert.True(File.Exists(living));
        Assert.Equal([PathOf(1), PathOf(2)], Copies());
    }

    [Fact]
    public async Task Take_FetchThatFails_LeavesNothing_AndTheNextOneFetches()
    {
        var cache = Open(10 * Size);
        await Assert.ThrowsAsync<SourceException>(() => cache.TakeAsync(Named(1), (_, _) => throw new SourceException(new IOException("gone")), Token));
        Assert.Empty(Copies());
        Assert.False(Directory.Exists(_folder["cache/.tmp~"]));
        Assert.True((await TakeAsync(cache, 1)).Fetched);
    }

    [Fact]
    public async Task Small_DamagedCopy_IsFetchedAgain()
    {
        var cache = Open(10 * Size);
        Assert.Equal(Content(7), await cache.SmallAsync(Named(7).Sha256, _ => Task.FromResult(Content(7)), Token));
        Damage.Flip(PathOf(7), 10);
        Assert.Equal(Content(7), await cache.SmallAsync(Named(7).Sha256, _ => Task.FromResult(Content(7)), Token));
        Assert.Equal(Content(7), await cache.SmallAsync(Named(7).Sha256, _ => throw new IOException("not again"), Token));
    }

    [Theory]
    [InlineData("SHARDS_MB", "-1")]
    [InlineData("SHARDS_MB", "many")]
    [InlineData("SHARDS_MB", "99999999999")]
    [InlineData("STORES", "some")]
    public void Settings_OutOfRange_AreNamedWithTheRemedy(string key, string value)
    {
        var error = Assert.Throws<FormatException>(() => ShardCacheSettings.Read(name => name == key ? value : null, "/tmp/cache"));
        Assert.Contains($"CHANGEDETECTION_CACHE__{key} is '{value}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Leave it out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_HandedToAChild_AreReadAsTheyWere()
    {
        var environment = new Dictionary<string, string?>();
        foreach (var settings in new[] { new ShardCacheSettings("/var/cache/shards", 5L << 30, true), new ShardCacheSettings("/x", 1 << 20, false), null })
        {
            ShardCacheSettings.Write(settings, environment);
            Assert.Equal(settings, ShardCacheSettings.Read(key => environment[ShardCacheSettings.Prefix + key], "/elsewhere"));
        }
    }

    private ShardCache Open(long bytes) => ShardCache.Open(new ShardCacheSettings(_folder["cache"], bytes, OfAllStores: true), TimeProvider.System);

    private Task<(CachedCopy Copy, bool Fetched)> TakeAsync(ShardCache cache, int number) => cache.TakeAsync(Named(number), async (file, token) =>
    {
        Interlocked.Increment(ref _fetches);
        await file.WriteAsync(Content(number), token);
    }, Token);

    private List<string> Copies() =>
        [.. Directory.EnumerateFiles(_folder["cache"]).OrderBy(path => Enumerable.Range(1, 9).First(number => PathOf(number) == path))];

    private string PathOf(int number) => Path.Combine(_folder["cache"], Named(number).Sha256);

    private static CachedContent Named(int number) => new(Convert.ToHexStringLower(SHA256.HashData(Content(number))), Size);

    private static byte[] Content(int number)
    {
        var bytes = new byte[Size];
        new Random(number).NextBytes(bytes);
        return bytes;
    }
}
