using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>A run that publishes checkpoints through the real stores, as its worker and trainer would.</summary>
internal sealed class StoredRun(TestDatabase database, IObjectStore store)
{
    private static readonly LeaseSettings s_lease = new();

    public Guid Id { get; private set; }
    public Claim Claim { get; private set; } = null!;

    public static async Task<StoredRun> BeginAsync(TestDatabase database, IObjectStore store)
    {
        var run = new StoredRun(database, store) { Id = (await Experiments.SubmitAsync(database))[0] };
        await run.ClaimAsync();
        return run;
    }

    public async Task ClaimAsync() => Claim = await ClaimAsync(database, Id);

    public static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        await new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None)
        ?? throw new InvalidOperationException("not claimable");

    public static Task EndAsync(TestDatabase database, Claim claim, AttemptEnding ending = AttemptEnding.Succeeded) =>
        new AttemptStore(database.DataSource).EndAsync(claim, ending, "test", retryable: true, s_lease, CancellationToken.None);

    /// <summary>Puts a checkpoint's objects under the present attempt's key.</summary>
    /// <param name="optimizer">Bytes of the optimizer's state; 0: the object is not there.</param>
    public async Task<CheckpointRecord> PutAsync(long step, int optimizer = 0)
    {
        var weights = RandomNumberGenerator.GetBytes(100_000);
        var prefix = RunObject.Checkpoint(Id, step, Claim.Attempt);
        await store.PutAsync(prefix / CheckpointManifest.WeightsFile, (stream, token) => stream.WriteAsync(weights, token).AsTask(), CancellationToken.None);
        await store.PutAsync(prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(new byte[50], token).AsTask(), CancellationToken.None);
        if (optimizer > 0)
            await store.PutAsync(
                prefix / CheckpointManifest.OptimizerFile, (stream, token) => stream.WriteAsync(new byte[optimizer], token).AsTask(), CancellationToken.None);
        return new CheckpointRecord
        {
            Step = step,
            Prefix = prefix.Value,
            WeightsSha256 = Convert.ToHexStringLower(SHA256.HashData(weights)),
            ManifestSha256 = "0",
            Bytes = 100_050 + optimizer,
            OptimizerBytes = optimizer,
        };
    }

    /// <summary>The fenced row, and the retirement of what is no longer kept.</summary>
    public async Task PublishAsync(CheckpointRecord checkpoint, int keepLast = 1)
    {
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, Claim, CancellationToken.None);
        await CheckpointStore.AddAsync(fence, checkpoint, CancellationToken.None);
        await CheckpointStore.RetireAsync(fence, keepBest: 1, keepLast, CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
    }

    public async Task PublishAsync(long step, int keepLast = 1, int optimizer = 0) => await PublishAsync(await PutAsync(step, optimizer), keepLast);

    /// <summary>A checkpoint with a manifest that can be read.</summary>
    public async Task PublishWholeAsync(long step, int keepLast = 1)
    {
        var (prefix, weights) = (RunObject.Checkpoint(Id, step, Claim.Attempt), RandomNumberGenerator.GetBytes(20_000));
        var manifest = new CheckpointManifest
        {
            Format = CheckpointManifest.CurrentFormat, Run = Id, Attempt = Claim.Attempt, Epoch = 1, Step = step, Position = 0, ConfigDigest = "digest",
            Model = new CheckpointModel("fc-siam-diff", 3), Normalization = new CheckpointNormalization("image", null, null),
            Files = new Dictionary<string, CheckpointFileEntry>
            {
                [CheckpointManifest.WeightsFile] = new(weights.Length, Convert.ToHexStringLower(SHA256.HashData(weights))),
            },
            State = new RunningState(0, 0, null), Metrics = new Dictionary<string, double>(), Numerics = new Numerics("2.10.0", 1, "avx2", "cpu"),
            WrittenAt = DateTimeOffset.UnixEpoch,
        }.ToJson();
        await store.PutAsync(prefix / CheckpointManifest.WeightsFile, (stream, token) => stream.WriteAsync(weights, token).AsTask(), CancellationToken.None);
        await store.PutAsync(prefix / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(manifest, token).AsTask(), CancellationToken.None);
        await PublishAsync(new CheckpointRecord
        {
            Step = step,
            Prefix = prefix.Value,
            WeightsSha256 = Convert.ToHexStringLower(SHA256.HashData(weights)),
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(manifest)),
            Bytes = weights.Length + manifest.Length,
        }, keepLast);
    }

    /// <summary>A run that reads this one's checkpoints, claimed while this one still runs.</summary>
    public async Task<Claim> BeginReaderAsync()
    {
        var reader = (await Experiments.SubmitAsync(database))[0];
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync("update runs set source_run = @source where id = @reader", new { source = Id, reader });
        return await ClaimAsync(database, reader);
    }

    public Task<List<UnreferencedObject>> CollectAsync(TimeSpan grace, bool delete = true) => CollectAsync(database, store, grace, delete);

    /// <summary>As a scheduler that serves this database and this store, which is marked for it.</summary>
    public static async Task<List<UnreferencedObject>> CollectAsync(TestDatabase database, IObjectStore store, TimeSpan grace, bool delete = true)
    {
        await MarkAsync(database, store);
        return await new GarbageCollector(database.DataSource, store, grace).LookAsync(delete, CancellationToken.None).ToListAsync(CancellationToken.None);
    }

    /// <summary>Gives the store the mark of the database's system, whatever it holds.</summary>
    public static async Task MarkAsync(TestDatabase database, IObjectStore store) =>
        await StoreMarker.WriteAsync(store, (await SystemIdentity.ReadAsync(database.DataSource, CancellationToken.None)).Id, CancellationToken.None);

    /// <summary>Reads the weights of a listed checkpoint to the end.</summary>
    public static async Task<string> HashAsync(IObjectStore store, CheckpointRecord checkpoint)
    {
        await using var stream = await store.OpenReadAsync(new ObjectKey(checkpoint.Prefix) / CheckpointManifest.WeightsFile, 0, null, CancellationToken.None);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, CancellationToken.None));
    }
}
