using ChangeDetection.Worker.Data.Shards;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Shards;

public sealed class ByteRingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Ranges_RentedAndReturnedInAnyOrder_NeverOverlapAndNeverStarve()
        => Gen.Select(Gen.Int[1, 100].Array[1, 200], Gen.Int[0, int.MaxValue]).Sample((lengths, seed) =>
        {
            var random = new Random(seed);
            var ring = new ByteRing(100);
            var held = new List<ByteRing.Range>();
            foreach (var length in lengths)
            {
                var rented = ring.RentAsync(length, Token).AsTask();
                while (!rented.IsCompleted && held.Count > 0)
                    GiveBackOne();
                // Nothing is held any more: it must come, if not at once, then on another thread.
                Assert.True(rented.Wait(TimeSpan.FromSeconds(30), Token));
                var range = rented.Result;
                Assert.Equal(length, range.Memory.Length);
                Assert.DoesNotContain(held, other => range.Start < other.Start + other.Memory.Length && other.Start < range.Start + length);
                held.Add(range);
                if (random.Next(3) == 0)
                    GiveBackOne();
            }

            void GiveBackOne()
            {
                var index = random.Next(held.Count);
                held[index].Dispose();
                held.RemoveAt(index);
            }
        }, iter: 200, threads: 1, seed: "0N0XIzNsQ0O2");

    [Fact]
    public async Task Rent_WhileFull_WaitsUntilTheOldestRangesAreBack()
    {
        var ring = new ByteRing(10);
        var first = await ring.RentAsync(6, Token);
        var second = await ring.RentAsync(4, Token);
        var third = ring.RentAsync(5, Token).AsTask();
        second.Dispose();
        Assert.False(third.IsCompleted);
        first.Dispose();
        await third.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Rent_CancelledWhileWaiting_Ends()
    {
        var ring = new ByteRing(10);
        await ring.RentAsync(10, Token);
        using var cancel = new CancellationTokenSource();
        var waiting = ring.RentAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
