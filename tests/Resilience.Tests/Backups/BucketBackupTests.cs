using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Resilience.Tests.Backups;

/// <summary>A system whose objects are in a bucket: backed up, and restored into another database and another prefix.</summary>
public sealed class BucketBackupTests(PostgresServer postgres, S3Server s3)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_OfABucket_RestoredIntoAnother_HasEveryObject()
    {
        var address = await s3.AddressOrSkipAsync();
        var root = S3Server.NewRoot();
        using var folder = new TemporaryFolder();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var empty = await postgres.CreateEmptyDatabaseAsync();
        await AddPictureAsync(database, S3Server.Open(new Uri($"{root}/store"), address, new StorageSettings()));

        (await RunAsync(database, "store", "backup", "--out", folder["bucket.backup"])).Succeeded();
        (await RunAsync(empty, "restored", "restore", folder["bucket.backup"])).Succeeded();

        Assert.Contains("1 objects", (await RunAsync(empty, "restored", "storage", "verify", "--hashes")).Succeeded(), StringComparison.Ordinal);
        // The first one's bucket is not the second one's.
        Assert.Equal(2, (await RunAsync(empty, "store", "storage", "verify")).ExitCode);

        Task<CommandRun> RunAsync(TestDatabase at, string store, params string[] verb) =>
            CommandRun.OfAsync(verb, new Dictionary<string, string?>(S3Server.Environment(address))
            {
                [SystemSettings.DatabaseVariable] = at.ConnectionString,
                [SystemSettings.StoreVariable] = $"{root}/{store}",
            });
    }

    private static async Task AddPictureAsync(TestDatabase database, IObjectStore store)
    {
        await ChangeDetection.Core.Identity.SystemIdentity.ClaimAsync(database.DataSource, store, Token);
        var run = (await Experiments.SubmitAsync(database))[0];
        var claim = (await new LeaseStore(database.DataSource, new LeaseSettings()).ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), Token))!;
        var (key, picture) = (RunObject.Picture(run, "sample", claim.Attempt), new byte[300_000]);
        await store.PutAsync(key, (stream, token) => stream.WriteAsync(picture, token).AsTask(), Token);
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, Token);
        await ArtifactStore.AddAsync(fence, new ArtifactRecord
        {
            Name = "sample.png", ObjectKey = key.Value, ContentType = "image/png", Bytes = picture.Length, Sha256 = Sha256Hex.Of(picture),
        }, Token);
        await fence.CommitAsync(Token);
    }
}
