using ChangeDetection.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Tests.Storage;

public sealed class ObjectStoresTests
{
    [Theory]
    [InlineData("ftp://host/x", "file")]
    [InlineData("file://data/x", "file:///data/x")]
    [InlineData("file:///x?y=1", "query")]
    public void Open_UriOfNoStore_SaysWhatIsThere(string uri, string said)
    {
        var error = Assert.Throws<StoreUriException>(() => ObjectStores.Open(new Uri(uri)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("100% #1?ü")]
    public async Task Open_FileUri_RoundTripsItsRoot(string name)
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder[name]);
        await store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Path.Combine(folder[name], "a")));
        var again = ObjectStores.Open(new Uri(store.Root.AbsoluteUri));
        Assert.Equal(0, await again.LengthAsync(new ObjectKey("a"), TestContext.Current.CancellationToken));
    }
}
