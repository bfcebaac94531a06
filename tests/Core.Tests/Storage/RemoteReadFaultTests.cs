using System.Diagnostics;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Http;

namespace ChangeDetection.Core.Tests.Storage;

/// <summary>What a network and a service do to those who read, for each backend.</summary>
[Needs(Resource.Processes, Resource.StorageServer)]
public sealed class RemoteReadFaultTests(S3Server s3, AzuriteServer azurite)
{
    private static readonly StorageSettings s_impatient = new() { Tries = 6, RetryFor = TimeSpan.FromSeconds(20), IdleTimeout = TimeSpan.FromSeconds(1) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultyLine.Http, 500)]
    [InlineData(FaultyLine.Http, 429)]
    [InlineData(FaultyLine.S3, 503)]
    [InlineData(FaultyLine.S3, 408)]
    [InlineData(FaultyLine.Azure, 502)]
    [InlineData(FaultyLine.Azure, 504)]
    public async Task EverySecondRequest_Failing_CostsTimeAndNothingElse(string backend, int status)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a/b", Bytes(300_000));
        var fault = new ObjectFault { Status = status, Every = 2 };
        line.Server.Fail(fault);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(300_000, await line.Store.LengthAsync(new ObjectKey("a/b"), Token));
            Assert.Equal(Bytes(300_000), await line.ReadAsync("a/b", Token));
        }
        Assert.InRange(fault.Struck, 3, 12);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task RetryAfter_IsHeededAndWhereItIsTooLongTheFailureComesAtOnce(string backend)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(10));
        line.Server.Fail(new ObjectFault { Status = 503, RetryAfter = TimeSpan.FromSeconds(1), Times = 1 });
        var clock = Stopwatch.StartNew();
        Assert.Equal(Bytes(10), await line.ReadAsync("a", Token));
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 10);

        line.Server.Fail(new ObjectFault { Status = 503, RetryAfter = TimeSpan.FromMinutes(5) });
        var before = line.Server.Requests.Count;
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => line.ReadAsync("a", Token));
        Assert.Contains("300 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, line.Server.Requests.Count);
    }

    [Theory]
    [InlineData(FaultyLine.Http, "login")]
    [InlineData(FaultyLine.S3, "AWS_SECRET_ACCESS_KEY")]
    [InlineData(FaultyLine.Azure, "AZURE_STORAGE_KEY")]
    public async Task Denied_FailsAtOnceWithTheRemedy(string backend, string remedy)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(10));
        line.Server.Fail(new ObjectFault { Status = 403 });
        var error = await Assert.ThrowsAsync<StorageRefusedException>(() => line.ReadAsync("a", Token));
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Single(line.Server.Requests);
    }

    /// <summary>A server of another kind is no store without objects.</summary>
    [Theory]
    [MemberData(nameof(FaultyLine.Writable), MemberType = typeof(FaultyLine))]
    public async Task Listing_ThatTheServiceDoesNotKnow_IsRefused(string backend)
    {
        await using var line = await OpenAsync(backend);
        line.Server.Fail(new ObjectFault { Status = 405 });

        var error = await Assert.ThrowsAsync<StorageRefusedException>(async () => await line.Store.ListAsync("", Token).ToListAsync(Token));
        Assert.Contains("405", error.Message, StringComparison.Ordinal);
        Assert.Contains("Look whether the address", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Absent_FailsAtOnce(string backend)
    {
        await using var line = await OpenAsync(backend);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => line.ReadAsync("a", Token));
        Assert.Single(line.Server.Requests);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Body_ThatBreaksOffOrFallsSilent_GoesOnAtTheByteReached(string backend)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(1_000_000));
        var (cut, stall) = (new ObjectFault { CutAfter = 100_000, Times = 2 }, new ObjectFault { StallAfter = 300_000, Times = 1 });
        line.Server.Fail(cut, stall);
        Assert.Equal(Bytes(1_000_000), await line.ReadAsync("a", Token));
        Assert.Equal((2, 1), (cut.Struck, stall.Struck));
        Assert.InRange(line.Server.BytesSent, 1_000_000, 1_300_000);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Body_ThatAlwaysBreaksOff_IsGivenUp(string backend)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(1_000_000));
        line.Server.Fail(new ObjectFault { CutAfter = 1000 });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => line.ReadAsync("a", Token));
        // A connection that ends before the first byte arrives is a failed request, which has tries of its own.
        Assert.InRange(line.Server.Requests.Count, s_impatient.Tries, s_impatient.Tries * s_impatient.Tries);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Object_ReplacedWhileItIsRead_IsAnErrorAndNeverAMixture(string backend)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(1_000_000));
        line.Server.Fail(
            new ObjectFault { CutAfter = 400_000, Times = 1 },
            new ObjectFault { Before = () => ReplaceAsync().GetAwaiter().GetResult(), LosesAnswer = true, Times = 1, Where = IsOfARange });
        var error = await Assert.ThrowsAsync<ObjectReplacedException>(() => line.ReadAsync("a", Token));
        Assert.Contains("'a' was replaced while it was read", error.Message, StringComparison.Ordinal);

        async Task ReplaceAsync()
        {
            await line.Direct.DeleteAsync(new ObjectKey("a"), CancellationToken.None);
            var other = Bytes(1_000_000);
            other[^1] ^= 1;
            await line.WriteAsync("a", other);
        }
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Line_ThatIsSlow_IsNoneThatIsSilent(string backend)
    {
        await using var line = await OpenAsync(backend);
        await line.WriteAsync("a", Bytes(400_000));
        line.Server.BytesPerSecond = 200_000;
        Assert.Equal(Bytes(400_000), await line.ReadAsync("a", Token));
        Assert.Single(line.Server.Requests);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Service_ThatNeverAnswers_IsGivenUpInTime(string backend)
    {
        await using var line = await OpenAsync(backend, s_impatient with { IdleTimeout = TimeSpan.FromSeconds(0.2), Tries = 3 });
        line.Server.Latency = TimeSpan.FromSeconds(30);
        var clock = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => line.ReadAsync("a", Token));
        Assert.Contains("nothing moved for 0.2 s", error.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.6, 10);
        Assert.Equal(3, line.Server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(FaultyLine.Backends), MemberType = typeof(FaultyLine))]
    public async Task Read_Cancelled_EndsAtOnce(string backend)
    {
        await using var line = await OpenAsync(backend, new StorageSettings());
        await line.WriteAsync("a", Bytes(100_000));
        line.Server.Fail(new ObjectFault { StallAfter = 1000 });
        using var cancel = new CancellationTokenSource();
        await using var stream = await line.Store.OpenReadAsync(new ObjectKey("a"), 0, null, Token);
        await stream.ReadExactlyAsync(new byte[1000], Token);
        var reading = stream.ReadAsync(new byte[1000], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(5), Token));
    }

    /// <summary>Azure's library has a header of its own.</summary>
    private static bool IsOfARange(HttpRequest request) => request.Headers.ContainsKey("Range") || request.Headers.ContainsKey("x-ms-range");

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Task<FaultyLine> OpenAsync(string backend, StorageSettings? settings = null) =>
        FaultyLine.OpenOrSkipAsync(backend, settings ?? s_impatient, s3, azurite);
}
