using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Tests.Daemon;
using ChangeDetection.TestKit;
using CsCheck;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Retention;

/// <summary>
/// P5: in whatever order runs publish, end, are retried, archived, read, deleted and collected, what a row names is there, and nothing else stays.
/// </summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RetentionPropertyTests(PostgresServer server)
{
    private const int Sequences = 25;
    private const int Runs = 3;

    private enum Act { Publish, PublishBest, Put, Picture, Strip, Succeed, Fail, Retry, Read, StopReading, Archive, Unarchive, Delete, CollectLater, Collect }

    private static readonly Gen<(Act Act, int Run)[]> s_sequences =
        Gen.Select(Gen.Enum<Act>(), Gen.Int[0, Runs - 1]).Array[5, 30];

    [Fact]
    public async Task AnySequence_LeavesWhatRowsNameAndNothingElse()
    {
        await using var database = await server.CreateDatabaseAsync();
        await s_sequences.SampleAsync(
            async sequence =>
            {
                using var folder = new TemporaryFolder();
                var scene = await Scene.BeginAsync(database, new FileObjectStore(folder.Path));
                foreach (var (act, run) in sequence)
                {
                    await scene.DoAsync(act, run);
                    await scene.AssertNamedAreThereAsync();
                }
                await scene.EndAsync();
                await scene.AssertNothingElseIsThereAsync();
            },
            iter: Sequences, threads: 1);
    }

    /// <summary>Runs of one sequence, in a database that other sequences have used before, and a store of their own.</summary>
    private sealed class Scene(TestDatabase database, IObjectStore store)
    {
        private readonly List<StoredRun> _runs = [];
        private readonly Dictionary<int, Claim> _readers = [];
        private long _step;

        public static async Task<Scene> BeginAsync(TestDatabase database, IObjectStore store)
        {
            var scene = new Scene(database, store);
            await using var connection = await database.DataSource.OpenConnectionAsync();
            await connection.ExecuteAsync("truncate experiments, orphans, deleted_runs cascade; update system set marked_at = null");
            for (var run = 0; run < Runs; run++)
                scene._runs.Add(await StoredRun.BeginAsync(database, store));
            return scene;
        }

        public async Task DoAsync(Act act, int number)
        {
            var run = _runs[number];
            var (state, experiment) = await StateAsync(run.Id);
            var disposal = new RunDisposal(database.DataSource);
            await ((act, state) switch
            {
                (Act.Publish or Act.PublishBest, "running") =>
                    run.PublishAsync(await run.PutAsync(++_step, optimizer: 40) with { Best = act is Act.PublishBest }, keepLast: 1 + number % 2),
                (Act.Put, "running") => run.PutAsync(++_step, optimizer: 40),
                (Act.Picture, "running") => PictureAsync(run),
                (Act.Strip, "running") => StripAsync(run),
                (Act.Succeed, "running") => StoredRun.EndAsync(database, run.Claim),
                (Act.Fail, "running") => StoredRun.EndAsync(database, run.Claim, AttemptEnding.Failed),
                (Act.Retry, "failed") => RetryAsync(run),
                (Act.Read, not null) when !_readers.ContainsKey(number) => ReadAsync(run, number),
                (Act.StopReading, _) when _readers.Remove(number, out var reader) => StoredRun.EndAsync(database, reader),
                // Refused or not: what is refused changes nothing.
                (Act.Archive, not null) => disposal.ArchiveAsync([experiment!.Value], dryRun: false, CancellationToken.None),
                (Act.Unarchive, not null) => disposal.UnarchiveAsync([experiment!.Value], CancellationToken.None),
                (Act.Delete, not null) => disposal.DeleteAsync([run.Id], withDependents: number == 0, CancellationToken.None),
                (Act.CollectLater, _) => run.CollectAsync(TimeSpan.FromHours(1)),
                (Act.Collect, _) => run.CollectAsync(TimeSpan.Zero),
                _ => Task.CompletedTask,
            });
        }

        /// <summary>Everything ends, and the grace time of all is over.</summary>
        public async Task EndAsync()
        {
            foreach (var reader in _readers.Values)
                await StoredRun.EndAsync(database, reader);
            foreach (var run in _runs)
            {
                if ((await StateAsync(run.Id)).State == "running")
                    await StoredRun.EndAsync(database, run.Claim);
            }
            await _runs[0].CollectAsync(TimeSpan.Zero);
        }

        public async Task AssertNamedAreThereAsync() => Assert.Empty((await NamedAsync()).Except(await StoredAsync()));

        public async Task AssertNothingElseIsThereAsync() => Assert.Equal(await NamedAsync(), await StoredAsync());

        private async Task RetryAsync(StoredRun run)
        {
            if ((await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Retry, run.Id, CancellationToken.None))!.Granted)
                await run.ClaimAsync();
        }

        private async Task ReadAsync(StoredRun run, int number) => _readers[number] = await run.BeginReaderAsync();

        private async Task PictureAsync(StoredRun run)
        {
            var key = RunObject.Picture(run.Id, $"{++_step:D6}", run.Claim.Attempt);
            await store.PutAsync(key, (stream, token) => stream.WriteAsync(new byte[7], token).AsTask(), CancellationToken.None);
            await InFenceAsync(run, fence => ArtifactStore.AddAsync(
                fence, new ArtifactRecord { Name = "worst-1", ObjectKey = key.Value, ContentType = "image/png", Bytes = 7, Sha256 = "0" },
                CancellationToken.None));
        }

        private async Task StripAsync(StoredRun run)
        {
            var key = RunObject.Strip(run.Id, (int)++_step, run.Claim.Attempt);
            await store.PutAsync(key, (stream, token) => stream.WriteAsync(new byte[3], token).AsTask(), CancellationToken.None);
            await InFenceAsync(run, fence => StripStore.AddAsync(fence, new StoredStrip((int)_step, 0, 1, key.Value, 3, "0"), CancellationToken.None));
        }

        private async Task InFenceAsync(StoredRun run, Func<FencedTransaction, Task> write)
        {
            await using var fence = await FencedTransaction.BeginAsync(database.DataSource, run.Claim, CancellationToken.None);
            await write(fence);
            await fence.CommitAsync(CancellationToken.None);
        }

        private async Task<(string? State, Guid? Experiment)> StateAsync(Guid run)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();
            var found = (await connection.QueryAsync<(string State, Guid Experiment)>("select state, experiment_id from runs where id = @run", new { run }))
                .ToList();
            return found.Count == 0 ? (null, null) : (found[0].State, found[0].Experiment);
        }

        private async Task<List<string>> NamedAsync()
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();
            return [.. (await connection.QueryAsync<string>(
                $"""
                select prefix || '/{CheckpointManifest.WeightsFile}' from checkpoints where retired_at is null
                union select prefix || '/{CheckpointManifest.FileName}' from checkpoints where retired_at is null
                union select prefix || '/{CheckpointManifest.OptimizerFile}' from checkpoints
                      where retired_at is null and optimizer_released_at is null and optimizer_bytes > 0
                union select object_key from artifacts
                union select object_key from strips
                """)).Order(StringComparer.Ordinal)];
        }

        private async Task<List<string>> StoredAsync() =>
            await store.ListAsync(RunObject.Root, CancellationToken.None).Select(stored => stored.Key.Value).ToListAsync(CancellationToken.None);
    }
}
