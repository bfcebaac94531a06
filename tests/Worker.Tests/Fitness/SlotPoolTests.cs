using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Slots;

namespace ChangeDetection.Worker.Tests.Fitness;

public sealed class SlotPoolTests
{
    private static readonly Slot s_first = new("cpu", "CPU");
    private static readonly Slot s_second = new("cpu:1", "CPU");
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private readonly SlotConditions _conditions = new();
    private readonly SlotPool _pool;

    public SlotPoolTests() => _pool = new SlotPool([s_first, s_second], _conditions);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_GivesEachSlotOnce_AndAgainWhenItIsBack()
    {
        var (one, other) = (await _pool.TakeAsync(s_long, Token), await _pool.TakeAsync(s_long, Token));
        Assert.Equal([s_first, s_second], [one, other]);
        Assert.False(_pool.HasRoom);
        Assert.Null(await _pool.TakeAsync(TimeSpan.FromMilliseconds(1), Token));

        var waiting = _pool.TakeAsync(s_long, Token);
        _pool.GiveBack(s_second);
        Assert.Equal(s_second, await waiting);
    }

    [Theory]
    [InlineData(WorkerState.Unfit)]
    [InlineData(WorkerState.SetAside)]
    public async Task Take_NeverGivesASlotThatIsNotReady_AndDoesNotWaitForIt(WorkerState state)
    {
        _conditions.Set([new SlotCondition("cpu", state, "why")]);
        Assert.Equal(s_second, await _pool.TakeAsync(s_long, Token));
        Assert.False(_pool.HasRoom);
        Assert.Null(await _pool.TakeAsync(s_long, Token));

        _conditions.Set([]);
        Assert.True(_pool.HasRoom);
        Assert.Equal(s_first, await _pool.TakeAsync(s_long, Token));
    }
}
