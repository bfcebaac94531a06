using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Tests.Daemon;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Scheduler.Tests.Backups;

/// <summary>A database and a store with a bit of everything that rows name, and where a backup of them is restored.</summary>
internal sealed class BackupScene : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly TemporaryFolder _folder = new();

    private BackupScene(PostgresServer server, TestDatabase database)
    {
        (_server, Database) = (server, database);
        Store = new FileObjectStore(_folder["store"]);
    }

    public TestDatabase Database { get; }
    public FileObjectStore Store { get; }

    /// <summary>That trains, and has published two checkpoints, of which it keeps one.</summary>
    public StoredRun Running { get; private set; } = null!;

    /// <summary>That has ended, and has a picture.</summary>
    public Guid Ended { get; private set; }

    public string File => _folder["system.backup"];

    public string this[string name] => _folder[name];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<BackupScene> CreateAsync(PostgresServer server)
    {
        var scene = new BackupScene(server, await server.CreateDatabaseAsync());
        await SystemIdentity.ClaimAsync(scene.Database.DataSource, scene.Store, Token);
        scene.Running = await StoredRun.BeginAsync(scene.Database, scene.Store);
        await scene.Running.PublishWholeAsync(1);
        await scene.Running.PublishWholeAsync(2);
        var ended = await StoredRun.BeginAsync(scene.Database, scene.Store);
        await scene.PictureAsync(ended);
        await StoredRun.EndAsync(scene.Database, ended.Claim);
        scene.Ended = ended.Id;
        return scene;
    }

    public Task<BackupSummary> BackUpAsync(bool force = false, bool allowMissing = false) =>
        new BackupWriter(new BackupRequest(Database.ConnectionString, Store, Store.Root, allowMissing)).WriteAsync(File, force, progress: null, Token);

    /// <summary>Into an empty database, and a store below this name.</summary>
    public async Task<(TestDatabase Database, FileObjectStore Store, RestoredSystem Restored)> RestoreAsync(string store, bool replace = false)
    {
        var database = await _server.CreateEmptyDatabaseAsync();
        var target = new FileObjectStore(_folder[store]);
        return (database, target, await BackupRestore.ToDatabaseAsync(File, database.ConnectionString, target.Root, replace, progress: null, Token));
    }

    public Task<TestDatabase> EmptyDatabaseAsync() => _server.CreateEmptyDatabaseAsync();

    public static Task<StorageReport> VerifyAsync(TestDatabase database, IObjectStore store) =>
        new StorageVerification(database.DataSource, store).RunAsync(hashes: true, Token);

    public static async Task<T> OneAsync<T>(TestDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        return (await connection.QuerySingleAsync<T>(sql))!;
    }

    public static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Gives the run that has ended an object of so many zeros.</summary>
    public async Task AddLargeAsync(long bytes)
    {
        var key = RunObject.Output(Ended, "large.tif", 1);
        var path = _folder[$"store/{key}"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = System.IO.File.Create(path);
        file.SetLength(bytes);
        var sha256 = await Sha256Hex.OfAsync(file, Token);
        await ExecuteAsync(Database,
            $$"""
            insert into changedetection.artifacts (run_id, name, attempt, object_key, content_type, bytes, sha256, metrics)
            values ('{{Ended}}', 'large.tif', 1, '{{key}}', 'image/tiff', {{bytes}}, '{{sha256}}', '{}')
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PictureAsync(StoredRun run)
    {
        var (key, picture) = (RunObject.Picture(run.Id, "sample", run.Claim.Attempt), new byte[5000]);
        await Store.PutAsync(key, (stream, token) => stream.WriteAsync(picture, token).AsTask(), Token);
        await using var fence = await FencedTransaction.BeginAsync(Database.DataSource, run.Claim, Token);
        await ArtifactStore.AddAsync(fence, new ArtifactRecord
        {
            Name = "sample.png", ObjectKey = key.Value, ContentType = "image/png", Bytes = picture.Length, Sha256 = Sha256Hex.Of(picture),
        }, Token);
        await fence.CommitAsync(Token);
    }
}
