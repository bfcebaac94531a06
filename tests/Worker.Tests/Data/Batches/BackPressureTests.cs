using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data.Batches;

public sealed class BackPressureTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reader_NeverRunsFurtherAheadThanItsBudget()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 60 }, _ => (128, 128), shardBytes: 600_000);
        var store = new WatchedStore(dataset.Store);
        var config = dataset.Config(batch: 1, batchesAhead: 1, readAheadMb: 1);
        var streams = await RunDataLoader.OpenAsync(config, store, Token);
        var sample = streams.Manifest.Splits["train"].Bytes / 60;
        var delivered = 0;
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
            {
                delivered++;
                // Decoded and being decoded: this batch, one ahead, and one in the decoder's hands and its queue each.
                var bound = (1 << 20) + (delivered + 4) * sample;
                Assert.InRange(store.ShardBytes, 0, bound);
                if (delivered is 1 or 10)
                    await Eventually.TrueAsync(
                        "the reader is stopped by its full budget", () => Task.FromResult(store.ShardBytes > (1 << 20) - 2 * sample), s_soon);
            }
        }
        Assert.Equal(60, delivered);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Consumer_ThatStopsEarly_LeavesNoReadAndNoTask(int decoders)
    {
        using var dataset = await PackedDataset.PackAsync(60);
        var store = new WatchedStore(dataset.Store);
        var streams = await RunDataLoader.OpenAsync(dataset.Config(decoders: decoders), store, Token);
        for (var repeat = 0; repeat < 20; repeat++)
        {
            await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
            {
                batch.Dispose();
                if (batch.FirstPosition >= repeat)
                    break;
            }
            Assert.Equal(0, store.Open);
        }
        var read = store.ShardBytes;
        Assert.Equal(60, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token))).Keys.Count());
        Assert.True(store.ShardBytes > read);
    }

    [Fact]
    public async Task Cancellation_WhileAReadHangs_EndsTheStream()
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var store = new WatchedStore(dataset.Store) { Gate = token => Task.Delay(Timeout.Infinite, token) };
        var streams = await RunDataLoader.OpenAsync(dataset.Config(), store, Token);
        using var cancel = new CancellationTokenSource();
        var reading = Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, cancel.Token));
        await Eventually.TrueAsync("a read hangs", () => Task.FromResult(store.Open > 0), s_soon);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(s_soon, Token));
        Assert.Equal(0, store.Open);
    }

    [Fact]
    public async Task SlowReads_OverlapAndKeepTheOrder()
    {
        using var dataset = await PackedDataset.PackAsync(30);
        var expected = await Delivered.ReadAsync((await RunDataLoader.OpenAsync(dataset.Config(), Token)).Training.ReadEpochAsync(0, 0, Token));
        var (most, turn) = (0, 0);
        WatchedStore store = null!;
        store = new WatchedStore(dataset.Store)
        {
            Gate = async token =>
            {
                most = Math.Max(most, store.Open);
                await Task.Delay(Interlocked.Increment(ref turn) * 7 % 15, token);
            },
        };
        var delivered = await Delivered.ReadAsync(
            (await RunDataLoader.OpenAsync(dataset.Config(decoders: 2), store, Token)).Training.ReadEpochAsync(0, 0, Token));
        Assert.Equal(expected.Hash, delivered.Hash);
        Assert.InRange(most, 2, 8);
    }
}
