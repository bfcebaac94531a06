using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs.Retention;

/// <summary>Of which checkpoints the optimizer's state stays: everything while a run may need it, then what the config says.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class OptimizerStatesTests(PostgresServer server)
{
    [Theory]
    [InlineData("running", "none", "1 2 3")]
    [InlineData("queued", "last", "1 2 3")]
    [InlineData("paused", "last", "1 2 3")]
    [InlineData("succeeded", null, "3")]
    [InlineData("succeeded", "last", "3")]
    [InlineData("succeeded", "all", "1 2 3")]
    [InlineData("succeeded", "none", "")]
    [InlineData("failed", null, "3")]
    [InlineData("cancelled", "all", "1 2 3")]
    // A retry goes on from there.
    [InlineData("failed", "none", "3")]
    [InlineData("cancelled", "none", "3")]
    public async Task Release_LeavesWhatAResumeNeeds_AndWhatTheConfigKeeps(string state, string? keeps, string stays)
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, steps: 3, optimizer: 70);
        await run.SetAsync(state, keeps);
        var states = new OptimizerStates(database.DataSource);
        var announced = (await states.ListAsync(TimeSpan.Zero, CancellationToken.None)).Select(one => one.Step).Order().ToList();

        var released = await states.ReleaseAsync(CancellationToken.None);

        var kept = (await run.ListAsync()).Where(checkpoint => checkpoint.Resumable).Select(checkpoint => checkpoint.Step).Order().ToList();
        Assert.Equal(stays, string.Join(' ', kept));
        Assert.Equal(3 - kept.Count, released);
        Assert.Equal(Enumerable.Range(1, 3).Select(step => (long)step).Except(kept), announced);
        Assert.Equal(0, await states.ReleaseAsync(CancellationToken.None));
        Assert.All(await run.ListAsync(), checkpoint => Assert.Equal(100, checkpoint.Bytes));
    }

    [Fact]
    public async Task Release_WithTheNewestDamaged_LeavesTheOneBefore()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, steps: 3, optimizer: 70);
        await run.SetAsync("failed", null);
        await run.ExecuteAsync("update checkpoints set damaged_at = clock_timestamp() where run_id = @Id and step = 3");

        await new OptimizerStates(database.DataSource).ReleaseAsync(CancellationToken.None);

        Assert.Equal([2L], (await run.ListAsync()).Where(checkpoint => checkpoint.Resumable).Select(checkpoint => checkpoint.Step));
    }

    [Fact]
    public async Task Released_IsHeldWhileItsRunRuns_AndTakesNothingOnceItHasGone()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, steps: 2, optimizer: 70);
        await run.SetAsync("failed", null);
        var states = new OptimizerStates(database.DataSource);
        await states.ReleaseAsync(CancellationToken.None);
        Assert.False(Assert.Single(await states.ListAsync(TimeSpan.FromHours(1), CancellationToken.None)).Due);

        // Retried, and claimed: it may have been listed before it was released.
        await run.SetAsync("running", null);
        var held = Assert.Single(await states.ListAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Equal((1L, 70L, true, run.Id), (held.Step, held.Bytes, held.Due, held.HeldBy));
        await run.SetAsync("failed", null);
        var due = Assert.Single(await states.ListAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Null(due.HeldBy);

        await states.RemoveAsync(due, CancellationToken.None);
        await states.RemoveAsync(due, CancellationToken.None);

        Assert.Empty(await states.ListAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(
            [(2L, 100L, (long?)70, true), (1, 30, 0, false)],
            (await run.ListAsync()).Select(checkpoint => (checkpoint.Step, checkpoint.Bytes, checkpoint.OptimizerBytes, checkpoint.Resumable)));
    }

    [Fact]
    public async Task Measured_OfARowThatDidNotKnow_IsWhatTheObjectWas()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, steps: 2, optimizer: 70);
        await run.SetAsync("succeeded", null);
        await run.ExecuteAsync("update checkpoints set optimizer_bytes = null where run_id = @Id");
        var states = new OptimizerStates(database.DataSource);
        await states.ReleaseAsync(CancellationToken.None);
        var unknown = Assert.Single(await states.ListAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Null(unknown.Bytes);

        await states.MeasuredAsync(unknown, 70, CancellationToken.None);
        await states.MeasuredAsync(unknown, 0, CancellationToken.None);
        await states.RemoveAsync(unknown, CancellationToken.None);

        Assert.Equal([(2L, 100L), (1, 30)], (await run.ListAsync()).Select(checkpoint => (checkpoint.Step, checkpoint.Bytes)));
    }
}
