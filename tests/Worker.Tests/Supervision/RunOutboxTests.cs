using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

[Needs(Resource.Database, Resource.Processes)]
public sealed class RunOutboxTests
{
    private const int Said = 4000;

    /// <summary>Room for some fifty messages; the pipe of the system, 64 KiB, takes some 750 more.</summary>
    private const long SmallRoom = 16 << 10;
    private const int FarFromDone = Said / 2;

    /// <summary>Speaks as fast as it is heard, and notes how far it came.</summary>
    private const string Trainer = """
        i=0
        while [ $i -lt $2 ]; do
            i=$((i + 1))
            echo '{"type":"metrics","points":[{"name":"train/loss","step":'$i',"epoch":0,"value":0.5}]}'
            echo $i > "$1"
        done
        """;

    [Fact]
    public async Task DatabaseThatIsAway_HoldsUpTheTrainerWhenTheRoomIsFull_AndLosesNothing()
    {
        await using var postgres = new PostgresServer();
        await using var database = await postgres.CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        var run = (await Experiments.SubmitAsync(database))[0];
        var claim = (
            await new LeaseStore(database.DataSource, new LeaseSettings())
            .ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None))!;
        await using var trainer = TrainerProcess.Start(
            new TrainerCommand("/bin/sh", ["-c", Trainer, "sh", folder["said"], $"{Said}"]), Assignment(claim, folder), new Slot("cpu", "CPU"), cache: null);
        var outbox = new RunOutbox(
            database.DataSource, claim, trainer, new CheckpointAcceptance(new CheckpointConfig()), SmallRoom);
        await postgres.CrashAsync();

        var writing = outbox.RunAsync(CancellationToken.None);
        var listening = ListenAsync(trainer, outbox);
        Assert.InRange(await StandstillAsync(folder["said"]), 1, FarFromDone);

        await postgres.StartAsync();
        await listening.WaitAsync(TimeSpan.FromMinutes(1));
        outbox.Complete();
        await writing.WaitAsync(TimeSpan.FromMinutes(1));
        var written = await new MetricStore(database.DataSource).ListAsync(run, "train/loss", CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, Said).Select(step => (long)step), written.Select(point => point.Step));
    }

    private static async Task ListenAsync(TrainerProcess trainer, RunOutbox outbox)
    {
        await foreach (var message in trainer.MessagesAsync())
            await outbox.PostAsync(message);
    }

    /// <summary>How far it came when it no longer came any further.</summary>
    private static async Task<int> StandstillAsync(string said)
    {
        const int unchanged = 20;
        var (last, seen) = (-1, 0);
        await Eventually.TrueAsync("the trainer to wait", () =>
        {
            var now = File.Exists(said) && int.TryParse(File.ReadAllText(said), out var number) ? number : last;
            seen = now > 0 && now == last ? seen + 1 : 0;
            last = now;
            return Task.FromResult(seen == unchanged);
        }, TimeSpan.FromMinutes(1));
        return last;
    }

    private static TrainerAssignment Assignment(Claim claim, TemporaryFolder folder) => new()
    {
        Run = claim.Run,
        Attempt = claim.Attempt,
        Kind = RunKind.Train,
        Config = Experiments.Config(),
        Store = new Uri(folder["store"]),
        Device = "cpu",
    };
}
