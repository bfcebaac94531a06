using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Storage;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;
using Dapper;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>
/// Two experiments as a week of work leaves them, written through the stores that worker and scheduler use: one trained and evaluated,
/// one a sweep with a run in every other state.
/// </summary>
public sealed class SeededRuns
{
    public const string InjectedName = "<img src=x onerror=alert(1)>";
    public const string InjectedLog = "<script>alert('log')</script> & \"quotes\"";
    public const string FailureReason = "step 212: the loss is NaN. Lower optimizer.lr, or check the data with 'dataset verify'.";

    public const string ReportPage =
        "<!doctype html><html lang=\"en\"><title>report</title><script>document.title = 'it ran'</script><h1 style=\"color: red\">A " +
        "report</h1></html>";

    private const string Numerics = """{ "libtorch": "2.10.0", "threads": 2, "isa": "avx2", "device": "cpu" }""";
    private static readonly LeaseSettings s_lease = new() { Duration = TimeSpan.FromHours(1) };
    private readonly TestDatabase _database;
    private readonly IObjectStore _store;
    private readonly LeaseStore _leases;
    private readonly AttemptStore _attempts;

    private SeededRuns(TestDatabase database, IObjectStore store)
    {
        (_database, _store) = (database, store);
        _leases = new LeaseStore(database.DataSource, s_lease);
        _attempts = new AttemptStore(database.DataSource);
    }

    public Guid Trained { get; } = Guid.CreateVersion7();
    public Guid Evaluated { get; } = Guid.CreateVersion7();
    public Guid Running { get; } = Guid.CreateVersion7();
    public Guid Waiting { get; } = Guid.CreateVersion7();
    public Guid NeedsGpu { get; } = Guid.CreateVersion7();
    public Guid Failed { get; } = Guid.CreateVersion7();
    public Guid Injected { get; } = Guid.CreateVersion7();
    public Guid ToCancel { get; } = Guid.CreateVersion7();
    public Guid ToSteer { get; } = Guid.CreateVersion7();
    /// <summary>Of an archived experiment.</summary>
    public Guid Archived { get; } = Guid.CreateVersion7();
    public WorkerRecord Worker { get; private set; } = null!;
    public WorkerRecord SpareWorker { get; private set; } = null!;
    public Claim RunningClaim { get; private set; } = null!;
    /// <summary>The best checkpoint of <see cref="Trained"/>.</summary>
    public CheckpointRecord Best { get; private set; } = null!;
    /// <summary>The last validation F1 of <see cref="Trained"/>.</summary>
    public double LastValF1 { get; private set; }

    public static async Task<SeededRuns> WriteAsync(TestDatabase database, IObjectStore store)
    {
        var seeded = new SeededRuns(database, store);
        seeded.Worker = await seeded.RegisterAsync("altair", ("cpu", "cpu", "AMD EPYC 7B13, 2 threads"));
        seeded.SpareWorker = await seeded.RegisterAsync("deneb", ("cpu", "cpu", "Intel Xeon 8481C, 4 threads"));
        await seeded.WriteTrainedAsync();
        await seeded.WriteSweepAsync();
        await seeded.WriteArchivedAsync();
        return seeded;
    }

    private async Task WriteTrainedAsync()
    {
        await SubmitAsync("szada-fc-siam-diff",
            new PlannedRun(Trained, "szada-fc-siam-diff", RunKind.Train, Json("szada-fc-siam-diff"), "d1", DeviceClass.Any, 5, null),
            new PlannedRun(Evaluated, "szada-fc-siam-diff test", RunKind.Evaluate, Json("szada-fc-siam-diff"), "d1", DeviceClass.Any, 5, Trained));
        var claim = await ClaimAsync(Trained);
        LastValF1 = await TrainAsync(claim, epochs: 30, of: 30, seed: 1);
        await _attempts.EndAsync(claim, AttemptEnding.Succeeded, null, false, s_lease, default);
        await new DependencyStore(_database.DataSource).SettleAsync(default);

        claim = await ClaimAsync(Evaluated);
        await WriteAsync(claim, fence => MetricStore.AddAsync(fence,
        [
            new("test/f1", 1410, 30, 0.5921), new("test/iou", 1410, 30, 0.4206), new("test/precision", 1410, 30, 0.6389),
            new("test/recall", 1410, 30, 0.5517), new("test/accuracy", 1410, 30, 0.9518),
            new("test/kappa", 1410, 30, 0.5664), new("test/loss", 1410, 30, 0.1873), new("test/average_precision", 1410, 30, 0.6127),
            new("test/at_threshold_f1", 1410, 30, 0.6034), new("test/calibration_error", 1410, 30, 0.0312), new("test/image_mean_f1", 1410, 30, 0.4711),
        ], default));
        await AddReportAsync(claim, RunObject.ReportPage, "text/html", ReportPage);
        await AddReportAsync(claim, RunObject.ReportJson, "application/json", "{}");
        for (var sample = 0; sample < 6; sample++)
            await AddPictureAsync(claim, sample);
        await _attempts.EndAsync(claim, AttemptEnding.Succeeded, null, false, s_lease, default);
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            update experiments set created_at = created_at - interval '26 hours';
            update runs set created_at = created_at - interval '26 hours', started_at = started_at - interval '26 hours',
                   finished_at = finished_at - interval '25 hours';
            update attempts set started_at = started_at - interval '26 hours', ended_at = ended_at - interval '25 hours';
            """);
    }

    private async Task WriteArchivedAsync()
    {
        await SubmitAsync("old-baseline", new PlannedRun(Archived, "old-baseline", RunKind.Train, Json("old-baseline"), "d9", DeviceClass.Any, 5, null));
        await new RunActionStore(_database.DataSource).ApplyAsync(RunAction.Cancel, Archived, default);
        var run = await new RunStore(_database.DataSource).FindAsync(Archived, default);
        await new RunDisposal(_database.DataSource).ArchiveAsync([run!.ExperimentId], dryRun: false, default);
    }

    private async Task WriteSweepAsync()
    {
        await SubmitAsync("szada-siamese-lr",
            Trial(Running, "szada-siamese-lr lr=1e-3", DeviceClass.Any, 7), Trial(Failed, "szada-siamese-lr lr=3e-2", DeviceClass.Any, 6),
            Trial(Waiting, "szada-siamese-lr lr=3e-4", DeviceClass.Any, 5), Trial(NeedsGpu, "szada-siamese-lr lr=1e-4", DeviceClass.Gpu, 5),
            Trial(Injected, InjectedName, DeviceClass.Any, 1), Trial(ToCancel, "szada-siamese-lr lr=1e-5", DeviceClass.Any, 1),
            Trial(ToSteer, "szada-siamese-lr lr=3e-5", DeviceClass.Any, 1),
            new PlannedRun(
                Guid.CreateVersion7(), "szada-siamese-lr lr=1e-3 test", RunKind.Evaluate, Json("sweep"), "d2", DeviceClass.Any, 7, Running));

        var claim = await ClaimAsync(Failed);
        await TrainAsync(claim, epochs: 4, of: 30, seed: 3);
        await _attempts.EndAsync(claim, AttemptEnding.Failed, FailureReason, false, s_lease, default);

        claim = await ClaimAsync(Running);
        await TrainAsync(claim, epochs: 7, of: 30, seed: 2);
        await _attempts.EndAsync(claim, AttemptEnding.Preempted, "its worker drained", true, s_lease, default);
        RunningClaim = await ClaimAsync(Running);
        await TrainAsync(RunningClaim, epochs: 12, of: 30, seed: 2);
        var injected = new LogLine { Seq = 9000, Level = LogLineLevel.Info, Text = InjectedLog };
        await WriteAsync(RunningClaim, fence => LogStore.AddAsync(fence, [injected], default));
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            update runs set created_at = created_at - interval '37 minutes' where state in ('queued', 'running') and id <> @Injected;
            update runs set started_at = started_at - interval '31 minutes' where state = 'running';
            update attempts set started_at = started_at - interval '31 minutes', ended_at = ended_at - interval '18 minutes'
            where run_id = @Running and attempt = 1;
            update attempts set started_at = started_at - interval '17 minutes' where run_id = @Running and attempt = 2;
            update events set at = at - interval '31 minutes' where run_id = @Running and coalesce(attempt, 1) = 1;
            """, new { Running, Injected });
    }

    /// <summary>Writes what a trainer says over its epochs, and its last two checkpoints.</summary>
    /// <returns>The last validation F1.</returns>
    private async Task<double> TrainAsync(Claim claim, int epochs, int of, int seed)
    {
        await WriteAsync(claim, fence => AttemptStore.SetTrainerAsync(fence, 4100 + claim.Attempt, default));
        await WriteAsync(claim, fence => AttemptStore.SetNumericsAsync(fence, Numerics, default));
        var training = new SeededTraining(epochs, of, seed);
        await WriteAsync(claim, async fence =>
        {
            await MetricStore.AddAsync(fence, training.Metrics, default);
            await LogStore.AddAsync(fence, training.Lines, default);
            await ProgressStore.SetAsync(fence, training.Progress, default);
            await EventStore.AddAsync(fence, "checkpoint", $"step {training.Progress.Step}", 1, default);
        });
        await AddCheckpointAsync(claim, epochs - 1, training.LastValF1 - 0.01, best: true);
        await AddCheckpointAsync(claim, epochs, training.LastValF1, best: true);
        return training.LastValF1;
    }

    private async Task AddCheckpointAsync(Claim claim, int epoch, double f1, bool best)
    {
        var values = new byte[200_000];
        new Random(epoch).NextBytes(values);
        using var file = new MemoryStream();
        await Safetensors.WriteAsync(file, [new TensorData("conv11.weight", TensorType.F32, [50_000], values)], default);
        var weights = file.ToArray();
        var manifest = SeededManifest.Of(claim, epoch, weights).ToJson();
        var checkpoint = new CheckpointRecord
        {
            RunId = claim.Run,
            Attempt = claim.Attempt,
            Epoch = epoch,
            Step = epoch * SeededTraining.StepsPerEpoch,
            Prefix = $"runs/{claim.Run}/checkpoints/{epoch * SeededTraining.StepsPerEpoch}-a{claim.Attempt}",
            WeightsSha256 = Convert.ToHexStringLower(SHA256.HashData(weights)),
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(manifest)),
            Bytes = 3 * values.Length,
            Best = best,
            Metrics = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, double> { ["val/f1"] = f1 }),
        };
        await PutAsync(new ObjectKey(checkpoint.Prefix) / CheckpointManifest.WeightsFile, weights);
        await PutAsync(new ObjectKey(checkpoint.Prefix) / CheckpointManifest.FileName, manifest);
        await WriteAsync(claim, fence => CheckpointStore.AddAsync(fence, checkpoint, default));
        if (claim.Run == Trained && best)
            Best = checkpoint;
    }

    private async Task AddPictureAsync(Claim claim, int sample)
    {
        var png = SamplePicture.Draw(sample);
        var key = new ObjectKey($"runs/{claim.Run}/pictures/a{claim.Attempt}/sample-{sample:0000}.png");
        await PutAsync(key, png);
        await WriteAsync(claim, fence => ArtifactStore.AddAsync(fence, new ArtifactRecord
        {
            Name = $"sample-{sample:0000}.png",
            ObjectKey = key.Value,
            ContentType = "image/png",
            Bytes = png.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(png)),
            Metrics = $$"""{"f1": {{0.41 + sample * 0.06}}}""",
        }, default));
    }

    private async Task AddReportAsync(Claim claim, string name, string contentType, string content)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(content);
        var key = RunObject.Report(claim.Run, name, claim.Attempt);
        await PutAsync(key, bytes);
        await WriteAsync(claim, fence => ArtifactStore.AddAsync(fence, new ArtifactRecord
        {
            Name = name,
            ObjectKey = key.Value,
            ContentType = contentType,
            Bytes = bytes.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        }, default));
    }

    public Task WriteAsync(Claim claim, Func<FencedTransaction, Task> write) => WriteAsync(_database, claim, write);

    public static async Task WriteAsync(TestDatabase database, Claim claim, Func<FencedTransaction, Task> write)
    {
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, default);
        await write(fence);
        await fence.CommitAsync(default);
    }

    /// <summary>The number of a queued run's job in Hangfire.</summary>
    public async Task<string> QueueJobAsync(Guid run)
    {
        await using var command = _database.DataSource.CreateCommand("select hangfire_job::text from runs where id = @run");
        command.Parameters.AddWithValue("run", run);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Claim> ClaimAsync(Guid run) =>
        await _leases.ClaimAsync(run, Worker.Id, Worker.Host, "cpu", Guid.NewGuid(), default)
        ?? throw new InvalidOperationException($"Run {run} could not be claimed.");

    private Task PutAsync(ObjectKey key, byte[] bytes) => _store.PutAsync(key, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), default);

    private Task SubmitAsync(string name, params PlannedRun[] runs) => new ExperimentStore(_database.DataSource).AddAsync(
        new Experiment
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            Config = Json(name),
            Source = $$"""
                # as it was written
                version: 1
                name: {{name}}
                seed: 7
                dataset:
                  uri: file:///data/szada
                  train: { split: train, crop: 112, samples_per_epoch: 1500 }
                model: { name: fc-siam-diff, dropout: 0.2 }
                train: { batch_size: 32, epochs: 30 }
                """,
            Digest = "same",
        },
        runs, default);

    private async Task<WorkerRecord> RegisterAsync(string host, params (string Name, string Device, string DeviceName)[] slots)
    {
        var id = Guid.CreateVersion7();
        var worker = new WorkerRecord
        {
            Id = id,
            Host = host,
            Pid = 4021,
            Version = "0.1.0",
            Slots = slots.Select(slot => new SlotRecord
            {
                WorkerId = id,
                Name = slot.Name,
                Device = slot.Device,
                DeviceName = slot.DeviceName,
            }).ToList(),
        };
        await new WorkerStore(_database.DataSource).RegisterAsync(worker, default);
        return worker;
    }

    private static PlannedRun Trial(Guid id, string name, DeviceClass device, int priority) =>
        new(id, name, RunKind.Train, Json("szada-siamese-lr"), "d2", device, priority, null);

    private static string Json(string name) =>
        $$"""
        { "version": 1, "name": "{{name}}", "seed": 7, "dataset": { "uri": "file:///data/szada" },
          "train": { "batch_size": 32, "epochs": 30 }, "retries": { "errors": 0 } }
        """;
}
