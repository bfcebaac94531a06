using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>What the queue's benchmarks submit, and the worker that claims it.</summary>
internal static class BenchRuns
{
    public const string Host = "bench";
    public const string Slot = "cpu";

    private static readonly ExperimentConfig s_config = new() { Name = "bench", Dataset = new() { Uri = new Uri("file:///nowhere/") }, Evaluate = null };

    /// <summary>As <c>submit</c> does; when it returns, the run is committed.</summary>
    public static async Task<Guid> SubmitAsync(NpgsqlDataSource database)
    {
        var (json, digest) = (ExperimentJson.Serialize(s_config), ExperimentDigest.Of(s_config));
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Name = s_config.Name, Config = json, Source = json, Digest = digest };
        var run = new PlannedRun(Guid.CreateVersion7(), "train", RunKind.Train, json, digest, DeviceClass.Any, Priority: 5, WaitsFor: null);
        await new ExperimentStore(database).AddAsync(experiment, [run], CancellationToken.None);
        return run.Id;
    }

    /// <summary>Name of one of several slots.</summary>
    public static string SlotName(int number) => number == 0 ? Slot : $"{Slot}:{number}";

    public static async Task<Guid> RegisterWorkerAsync(NpgsqlDataSource database, int slots = 1)
    {
        var id = Guid.CreateVersion7();
        await new WorkerStore(database).RegisterAsync(new WorkerRecord
        {
            Id = id,
            Host = Host,
            Pid = Environment.ProcessId,
            Version = "0",
            Slots = [.. Enumerable.Range(0, slots).Select(
                number => new SlotRecord { WorkerId = id, Name = SlotName(number), Device = "cpu", DeviceName = "cpu" })],
        }, CancellationToken.None);
        return id;
    }
}
