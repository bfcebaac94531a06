using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Workers;

/// <summary>A worker is as ready as the readiest of its slots, says why the others are not, and hears what is asked of it.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class WorkerRowTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WorkerState.Ready, WorkerState.Unfit, WorkerState.Ready)]
    [InlineData(WorkerState.Unfit, WorkerState.SetAside, WorkerState.Unfit)]
    [InlineData(WorkerState.SetAside, WorkerState.SetAside, WorkerState.SetAside)]
    public async Task Worker_IsWhatItsReadiestSlotIs_WhenItAnnouncesItselfAndLater(WorkerState first, WorkerState second, WorkerState expected)
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new WorkerStore(database.DataSource);
        var announced = await RegisterAsync(store, first, second);
        var changed = await RegisterAsync(store, WorkerState.Ready, WorkerState.Ready);

        await store.SetFitnessAsync(changed, [new("cpu", first, Why(first)), new("cpu:1", second, Why(second))], "a reason", Token);

        foreach (var worker in await store.ListAsync(all: false, Token))
        {
            Assert.Equal(expected, worker.State);
            Assert.Equal([(first, Why(first)), (second, Why(second))], worker.Slots.Select(slot => (slot.State, slot.Reason)));
        }
        Assert.Equal("a reason", (await FindAsync(store, changed)).Reason);
        Assert.Equal(expected is WorkerState.Ready ? 1 : 0, (await store.DevicesAsync(Token)).Count);
        Assert.NotEqual(announced, changed);
    }

    [Fact]
    public async Task Heartbeat_OfAnUnfitWorkerTakenForLost_MakesItUnfitAgain()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new WorkerStore(database.DataSource);
        var worker = await RegisterAsync(store, WorkerState.Unfit);
        await store.SetStateAsync(worker, WorkerState.Lost, Token);

        await store.HeartbeatAsync(worker, Token);

        Assert.Equal(WorkerState.Unfit, (await FindAsync(store, worker)).State);
    }

    [Fact]
    public async Task Recheck_IsBroughtOnce_AndOnlyToWorkersThatHaveWhatToLookAt()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new WorkerStore(database.DataSource);
        var (sound, unfit) = (await RegisterAsync(store, WorkerState.Ready), await RegisterAsync(store, WorkerState.Ready, WorkerState.SetAside));

        Assert.False(await store.RequestRecheckAsync(sound, Token));
        Assert.False(await store.RequestRecheckAsync(Guid.NewGuid(), Token));
        Assert.True(await store.RequestRecheckAsync(unfit, Token));

        Assert.Equal(new WorkerOrders { Recheck = true }, await store.HeartbeatAsync(unfit, Token));
        Assert.Equal(new WorkerOrders(), await store.HeartbeatAsync(unfit, Token));
    }

    [Fact]
    public async Task Drain_OfAnUnfitWorker_IsKeptWhateverItsSlotsAre()
    {
        await using var database = await server.CreateDatabaseAsync();
        var store = new WorkerStore(database.DataSource);
        var worker = await RegisterAsync(store, WorkerState.Unfit);

        Assert.True(await store.RequestDrainAsync(worker, Actor.OfAccount(), Token));
        await store.SetFitnessAsync(worker, [new("cpu", WorkerState.Ready, null)], null, Token);

        Assert.Equal(new WorkerOrders { Drain = true }, await store.HeartbeatAsync(worker, Token));
        Assert.Equal(WorkerState.Draining, (await FindAsync(store, worker)).State);
    }

    private static string? Why(WorkerState state) => state is WorkerState.Ready ? null : $"it is {state.Word()}";

    private static async Task<WorkerRecord> FindAsync(WorkerStore store, Guid worker) =>
        (await store.ListAsync(all: true, Token)).Single(one => one.Id == worker);

    private static async Task<Guid> RegisterAsync(WorkerStore store, params WorkerState[] slots)
    {
        var id = Guid.CreateVersion7();
        await store.RegisterAsync(new WorkerRecord
        {
            Id = id,
            Host = "host",
            Pid = 1,
            Version = "1",
            Slots = [.. slots.Select((state, number) => new SlotRecord
            {
                WorkerId = id, Name = number == 0 ? "cpu" : $"cpu:{number}", Device = "cpu", DeviceName = "CPU", State = state, Reason = Why(state),
            })],
        }, Token);
        return id;
    }
}
