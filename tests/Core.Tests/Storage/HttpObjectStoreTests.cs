using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Core.Tests.Storage;

public sealed class HttpObjectStoreTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ObjectServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ObjectServer.ServeAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Write_AnyWay_SaysThatTheStoreIsReadOnly()
    {
        var store = Open();
        foreach (var act in new Func<Task>[]
        {
            () => store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, Token),
            () => store.DeleteAsync(new ObjectKey("a"), Token),
            async () => await store.ListAsync("", Token).ToListAsync(Token),
        })
        {
            var error = await Assert.ThrowsAsync<StorageRefusedException>(act);
            Assert.Contains("is read-only", error.Message, StringComparison.Ordinal);
            Assert.Contains("s3://", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Redirects_AreFollowedSomeTimesAndNoFurther()
    {
        _folder.Write("a", "text");
        await using var one = await ObjectServer.BeforeAsync(_server.Address, async (context, pass) =>
        {
            if (context.Request.Query["n"].ToString() is "3")
                await pass();
            else
                context.Response.Redirect($"{context.Request.Path}?n={int.Parse("0" + context.Request.Query["n"], null) + 1}");
        });
        Assert.Equal(4, await Open(one.Address).LengthAsync(new ObjectKey("a"), Token));

        await using var circle = await ObjectServer.BeforeAsync(_server.Address, (context, _) =>
        {
            context.Response.Redirect(context.Request.Path);
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => Open(circle.Address).LengthAsync(new ObjectKey("a"), Token));
        Assert.Contains("redirect", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    public async Task PrivateAddress_UnlessAllowed_IsRefusedAtOnceAndNothingIsSent(string address)
    {
        _folder.Write("a", "secret");
        var store = ObjectStores.Open(new Uri(string.Format(null, address, _server.Address.Port)), new StorageSettings());
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => store.OpenReadAsync(new ObjectKey("a"), 0, null, Token));
        Assert.Contains("CHANGEDETECTION_STORAGE__ALLOW_PRIVATE_ADDRESSES", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ServerWithoutRanges_ServesBeginningsAndRefusesTheRest()
    {
        _folder.Write("a", "0123456789");
        await using var plain = await ObjectServer.BeforeAsync(_server.Address, (context, pass) =>
        {
            context.Request.Headers.Remove("Range");
            return pass();
        });
        var store = Open(plain.Address);
        await using (var beginning = await store.OpenReadAsync(new ObjectKey("a"), 0, 3, Token))
            Assert.Equal("012", await new StreamReader(beginning).ReadToEndAsync(Token));
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => store.OpenReadAsync(new ObjectKey("a"), 2, 3, Token));
        Assert.Contains("Range", error.Message, StringComparison.Ordinal);
    }

    private IObjectStore Open(Uri? address = null) => ObjectStores.Open(address ?? _server.Address, new StorageSettings { AllowPrivateAddresses = true });
}
