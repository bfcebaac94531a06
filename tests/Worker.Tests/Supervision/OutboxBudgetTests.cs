using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

public sealed class OutboxBudgetTests
{
    private static readonly LogMessage s_line = new(TrainerLogLevel.Info, new string('x', 400));
    private static readonly long s_size = OutboxBudget.SizeOf(s_line);

    [Fact]
    public async Task Enter_FullRoom_WaitsUntilOneLeaves()
    {
        var room = new OutboxBudget(2 * s_size);
        await room.EnterAsync(s_line);
        await room.EnterAsync(s_line);
        var third = room.EnterAsync(s_line);
        Assert.False(third.IsCompleted);

        room.Leave([s_line]);

        await third.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(room.EnterAsync(s_line).IsCompleted);
    }

    [Fact]
    public async Task Enter_MessageLargerThanTheRoom_EntersWhenItIsEmpty()
    {
        var room = new OutboxBudget(s_size);
        await room.EnterAsync(s_line);
        var large = new LogMessage(TrainerLogLevel.Info, new string('x', 10_000));
        var entering = room.EnterAsync(large);
        Assert.False(entering.IsCompleted);

        room.Leave([s_line]);

        await entering.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Enter_ClosedRoom_LetsEverybodyGo()
    {
        var room = new OutboxBudget(s_size);
        await room.EnterAsync(s_line);
        var waiting = room.EnterAsync(s_line);

        room.Close();

        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void SizeOf_CountsTextAndPoints()
    {
        Assert.True(s_size >= 2 * 400);
        var points = new MetricsMessage([.. Enumerable.Range(0, 50).Select(step => new MetricPoint("train/loss", step, 0, 1))]);
        Assert.True(OutboxBudget.SizeOf(points) >= 50 * 64);
    }
}
