using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Checkpoints;

public sealed class PublishedCheckpointTests : IDisposable
{
    private const string Prefix = "runs/1/checkpoints/2-a1";
    private readonly TemporaryFolder _folder = new();
    private readonly FileObjectStore _store;

    public PublishedCheckpointTests() => _store = new FileObjectStore(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ReadManifest_ThatWasPublished_GivesItAndItsBytes()
    {
        var json = await PutManifestAsync();
        var (manifest, bytes) = await Checkpoint(Sha256Hex.Of(json)).ReadManifestAsync(Token);
        Assert.Equal(12, manifest.Step);
        Assert.Equal(json, bytes);
    }

    [Fact]
    public async Task ReadManifest_ThatIsAnother_IsRefusedWithTheRemedy()
    {
        await PutManifestAsync();
        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => Checkpoint(Sha256Hex.Of("another")).ReadManifestAsync(Token));
        Assert.StartsWith($"{Prefix}/manifest.json: its SHA-256 is ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("was published; the stored object is damaged. Take another.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadManifest_OfMoreBytesThanAny_IsRefused()
    {
        var bytes = new byte[CheckpointManifest.MaxBytes + 1];
        await _store.PutAsync(new ObjectKey(Prefix) / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), Token);
        await Assert.ThrowsAsync<CheckpointInvalidException>(() => Checkpoint(Sha256Hex.Of(bytes)).ReadManifestAsync(Token));
    }

    [Fact]
    public async Task ReadManifest_ThatIsGone_SaysWhereFromAndWhatToDo()
    {
        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => Checkpoint(Sha256Hex.Of("")).ReadManifestAsync(Token));
        Assert.Contains(
            $"the object is gone from {_store.Root}, though it was published. Take another. Look whether CHANGEDETECTION_STORE",
            error.Message, StringComparison.Ordinal);
    }

    private PublishedCheckpoint Checkpoint(string manifestSha256) => new(_store, new CheckpointReference(Prefix, manifestSha256, 1, 12), "Take another.");

    private async Task<byte[]> PutManifestAsync()
    {
        var json = new CheckpointManifest
        {
            Format = CheckpointManifest.CurrentFormat,
            Run = Guid.CreateVersion7(),
            Attempt = 1,
            Epoch = 1,
            Step = 12,
            Position = 0,
            ConfigDigest = "digest",
            Model = new CheckpointModel("fc-ef", 3),
            Normalization = new CheckpointNormalization("unit", null, null),
            Files = new Dictionary<string, CheckpointFileEntry>(),
            State = new RunningState(0, 0, null),
            Metrics = new Dictionary<string, double>(),
            Numerics = new Numerics("2.10", 1, "avx2", "cpu"),
            WrittenAt = DateTimeOffset.UnixEpoch,
        }.ToJson();
        await _store.PutAsync(new ObjectKey(Prefix) / CheckpointManifest.FileName, (stream, token) => stream.WriteAsync(json, token).AsTask(), Token);
        return json;
    }
}
