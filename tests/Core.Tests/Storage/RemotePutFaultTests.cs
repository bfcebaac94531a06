using Amazon.Runtime;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Http;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>What a network and a service do to those who write, for each backend that is written to.</summary>
[Needs(Resource.Processes, Resource.StorageServer)]
public sealed class RemotePutFaultTests(S3Server s3, AzuriteServer azurite)
{
    /// <summary>Two parts.</summary>
    private const int Large = 10_000_000;
    private const int Small = 50_000;

    private static readonly StorageSettings s_impatient = new() { Tries = 6, RetryFor = TimeSpan.FromSeconds(20), IdleTimeout = TimeSpan.FromSeconds(2) };

    public static TheoryData<string, int> Puts => new(FaultyLine.Writable.SelectMany(row => new[] { (row.Data, Small), (row.Data, Large) }));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task EverySecondRequest_Failing_CostsTimeAndNothingElse(string backend, int length)
    {
        await using var line = await OpenAsync(backend);
        line.Server.Fail(new ObjectFault { Status = 503, Every = 2 });
        await line.PutAsync("a", Bytes(length), Token);
        Assert.Equal(["a"], await line.Store.ListAsync("", Token).Select(item => item.Key.Value).ToListAsync(Token));
        Assert.Equal(Bytes(length), await FaultyLine.ReadAsync(line.Direct, "a", Token));
        await line.Store.DeleteAsync(new ObjectKey("a"), Token);
        Assert.Empty(await line.Direct.ListAsync("", Token).ToListAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task AnswerThatIsLost_OfTheLastRequest_DoesNotMakeTheKeyTaken(string backend, int length)
    {
        await using var line = await OpenAsync(backend);
        var fault = new ObjectFault { LosesAnswer = true, Times = 1, Where = request => FaultyLine.Publishes(request, inParts: length == Large) };
        line.Server.Fail(fault);
        await line.PutAsync("a", Bytes(length), Token);
        Assert.Equal(1, fault.Struck);
        Assert.Equal(Bytes(length), await FaultyLine.ReadAsync(line.Direct, "a", Token));
        Assert.Empty(await line.Direct.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task Put_ThatIsRefusedAtTheEnd_LeavesNothingAndNamesTheRemedy(string backend, int length)
    {
        await using var line = await OpenAsync(backend);
        line.Server.Fail(new ObjectFault { Status = 403, Where = request => FaultyLine.Publishes(request, inParts: length == Large), Times = 1 });
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => line.PutAsync("a", Bytes(length), Token));
        Assert.Contains("what they may do", error.Message, StringComparison.Ordinal);
        await IsEmptyAsync(line);
        await line.PutAsync("a", Bytes(length), Token);
    }

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task Put_WhoseAnswersAreAllLost_TakesBackWhatTheServiceDid(string backend, int length)
    {
        await using var line = await OpenAsync(backend, s_impatient with { Tries = 1 });
        line.Server.Fail(new ObjectFault { LosesAnswer = true, Where = request => FaultyLine.Publishes(request, inParts: length == Large) });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => line.PutAsync("a", Bytes(length), Token));
        await IsEmptyAsync(line);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Writable), MemberType = typeof(FaultyLine))]
    public async Task Upload_ThatTheServicePutsTogetherForLongerThanNothingMayMove_IsWaitedFor(string backend)
    {
        await using var line = await OpenAsync(backend);
        var slow = new ObjectFault { Delay = s_impatient.IdleTimeout * 1.25, Where = request => FaultyLine.Publishes(request, inParts: true) };
        line.Server.Fail(slow);
        await line.PutAsync("a", Bytes(Large), Token);
        Assert.Equal(1, slow.Struck);
        Assert.Equal(Bytes(Large), await FaultyLine.ReadAsync(line.Direct, "a", Token));
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Writable), MemberType = typeof(FaultyLine))]
    public async Task Upload_WhoseWriterWasKilled_IsFoundAndRemoved(string backend)
    {
        await using var line = await OpenAsync(backend, s_impatient with { Tries = 2 });
        // From the second part on the service is gone, also for tidying up.
        var parts = 0;
        var isLaterPart = (HttpRequest request) => (FaultyLine.IsPart(request) && Interlocked.Increment(ref parts) > 1) || parts > 1;
        line.Server.Fail(new ObjectFault { Status = 500, Where = isLaterPart });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => line.PutAsync("a/b", Bytes(Large), Token));

        Assert.Null(await line.Direct.LengthAsync(new ObjectKey("a/b"), Token));
        Assert.Empty(await line.Direct.ListAsync("", Token).ToListAsync(Token));
        Assert.Empty(await line.Direct.ListUnfinishedAsync(TimeSpan.FromMinutes(1), Token).ToListAsync(Token));
        var left = Assert.Single(await line.Direct.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
        Assert.Equal(8 << 20, left.Bytes);
        await line.Direct.DeleteUnfinishedAsync(left, Token);
        await line.Direct.DeleteUnfinishedAsync(left, Token);
        await IsEmptyAsync(line);
        await line.WriteAsync("a/b", Bytes(Large));
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Writable), MemberType = typeof(FaultyLine))]
    public async Task Unfinished_ManyOfThem_AreListedPageByPage(string backend)
    {
        await using var line = await OpenAsync(backend, s_impatient with { Tries = 1, PageSize = 2 });
        line.Server.Fail(
            new ObjectFault
            {
                Status = 500,
                Where = request =>
                    request.Method is "DELETE" || request.Query["comp"] == "blocklist" || FaultyLine.IsPart(request) && request.ContentLength < 8 << 20,
            });
        foreach (var key in new[] { "a", "b", "c", "d", "e" })
            await Assert.ThrowsAsync<StorageUnavailableException>(() => line.PutAsync(key, Bytes((8 << 20) + 1), Token));
        line.Server.Heal();
        var left = await line.Store.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token);
        Assert.Equal(5, left.Count);
        foreach (var put in left)
            await line.Store.DeleteUnfinishedAsync(put, Token);
        await IsEmptyAsync(line);
    }

    [Theory]
    [InlineData("s3", "no bucket 'absent'", "AWS_ENDPOINT_URL")]
    [InlineData("az", "no container 'absent'", "account")]
    public async Task Put_IntoNoBucket_SaysWhichIsMissing(string scheme, string said, string remedy)
    {
        var root = new Uri($"{scheme}://absent/x");
        var store = scheme == "s3"
            ? S3Server.Open(root, await s3.AddressOrSkipAsync(), s_impatient)
            : AzuriteServer.Open(root, await azurite.AddressOrSkipAsync(), s_impatient);
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, Token));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3")]
    [InlineData("az")]
    public async Task WrongSecret_IsRefusedAndNeverRepeated(string scheme)
    {
        const string canary = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ==";
        var store = scheme == "s3"
            ? S3Server.Open(S3Server.NewRoot(), await s3.AddressOrSkipAsync(), s_impatient, new BasicAWSCredentials("unknown", canary))
            : AzuriteServer.Open(AzuriteServer.NewRoot(), await azurite.AddressOrSkipAsync(), s_impatient, canary);
        foreach (var act in new Func<Task>[]
        {
            () => store.LengthAsync(new ObjectKey("a"), Token),
            () => store.OpenReadAsync(new ObjectKey("a"), 0, null, Token),
            () => store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, Token),
        })
        {
            var error = await Assert.ThrowsAsync<StorageRefusedException>(act);
            Assert.Contains("403", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("Y2FuYXJ5", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Signature=", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Service_ThatIgnoresConditions_StillKeepsWhatIsThere()
    {
        var store = S3Server.Open(S3Server.NewRoot(), await s3.BareAddressOrSkipAsync(), s_impatient);
        await store.PutAsync(new ObjectKey("a"), (stream, token) => stream.WriteAsync(Bytes(10), token).AsTask(), Token);
        await Assert.ThrowsAsync<ObjectExistsException>(() => store.PutAsync(new ObjectKey("a"), (_, _) => Task.CompletedTask, Token));
        // Whoever came first while the second was writing.
        await Assert.ThrowsAsync<ObjectExistsException>(() => store.PutAsync(new ObjectKey("b"), async (stream, token) =>
        {
            await stream.WriteAsync(Bytes(20), token);
            await store.PutAsync(new ObjectKey("b"), (other, late) => other.WriteAsync(Bytes(10), late).AsTask(), token);
        }, Token));
        Assert.Equal(Bytes(10), await FaultyLine.ReadAsync(store, "b", Token));
        Assert.Empty(await store.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
    }

    private static async Task IsEmptyAsync(FaultyLine line)
    {
        Assert.Empty(await line.Direct.ListAsync("", Token).ToListAsync(Token));
        Assert.Empty(await line.Direct.ListUnfinishedAsync(TimeSpan.Zero, Token).ToListAsync(Token));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Task<FaultyLine> OpenAsync(string backend, StorageSettings? settings = null) =>
        FaultyLine.OpenOrSkipAsync(backend, settings ?? s_impatient, s3, azurite);
}
