using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Training;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Checkpoints;

/// <summary>
/// P5: a checkpoint whose store refuses at any step is told, never reported durable, and leaves nothing; the one before it stays what it was.
/// </summary>
[Collection(TorchCollection.Name)]
public sealed class FailingStoreTests : IDisposable
{
    private const int Samples = 4;
    private const int FirstStep = 2;
    private const int LastStep = 4;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<DiskStep, DiskFault, int> Refusals { get; } = new()
    {
        { DiskStep.Create, DiskFault.Full, 0 },
        { DiskStep.Create, DiskFault.Denied, 0 },
        { DiskStep.FirstByte, DiskFault.Full, 0 },
        { DiskStep.Middle, DiskFault.Full, 1 },
        { DiskStep.Flush, DiskFault.Full, 0 },
        { DiskStep.Flush, DiskFault.Broken, 2 },
        { DiskStep.Rename, DiskFault.Full, 1 },
        { DiskStep.Rename, DiskFault.Denied, 2 },
        { DiskStep.FlushFolder, DiskFault.Broken, 2 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Disk_ThatKeepsRefusing_EndsTheRunAfterThreeAndLeavesTheCheckpointBeforeIntact(DiskStep step, DiskFault fault, int putsBefore)
    {
        var disk = new FailingDisk(step, fault);
        // Each try of the last checkpoint begins anew, and fails at the same of its objects.
        var link = new RecordingLink { OnOffer = () => disk.Refuse(putsBefore), OnEvent = _ => disk.Refuse(putsBefore) };

        await Assert.ThrowsAsync<CheckpointsFailedException>(() => Run(disk.Store(_folder.Path)).RunAsync(1, link));

        Assert.Equal(FirstStep, Assert.Single(link.Offers).Step);
        Assert.Equal(CheckpointPublisher.MaxFailures, link.Events.Count);
        Assert.All(link.Events, told =>
        {
            Assert.Equal("checkpoint-failed", told.Type);
            Assert.StartsWith($"Step {LastStep}, failure ", told.Detail, StringComparison.Ordinal);
            Assert.Contains(_folder.Path, told.Detail, StringComparison.Ordinal);
        });
        Assert.Equal(ObjectsOf(link.Offers[0]), FilesBelow());
        var resumed = new RecordingLink();
        Assert.Equal(TrainerEnd.Succeeded, (await Run(new FileObjectStore(_folder.Path)).RunAsync(2, resumed, link.NewestFirst)).End);
        Assert.Empty(resumed.Events);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Disk_ThatRefusesOnce_CostsOneTryOfTheSameStep(DiskStep step, DiskFault fault, int putsBefore)
    {
        var disk = new FailingDisk(step, fault);
        var armed = false;
        var link = new RecordingLink
        {
            OnOffer = () =>
            {
                if (!armed)
                    disk.Refuse(putsBefore);
                armed = true;
            },
            OnEvent = _ => disk.Heal(),
        };

        var outcome = await Run(disk.Store(_folder.Path)).RunAsync(1, link);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Equal("checkpoint-failed", Assert.Single(link.Events).Type);
        Assert.Equal([FirstStep, LastStep], link.Offers.Select(offer => (int)offer.Step));
        Assert.Equal(link.Offers.SelectMany(ObjectsOf).Order(StringComparer.Ordinal), FilesBelow());
    }

    [Fact]
    public async Task Store_ThatWillNotDeleteAFailedTryEither_TakesTheSameStepOnceItIsHealed()
    {
        var store = new StuckStore(new FileObjectStore(_folder.Path));
        var armed = false;
        var link = new RecordingLink
        {
            OnOffer = () =>
            {
                store.Stuck = !armed;
                armed = true;
            },
            OnEvent = _ => store.Stuck = false,
        };

        var outcome = await Run(store).RunAsync(1, link);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Single(link.Events);
        Assert.Equal([FirstStep, LastStep], link.Offers.Select(offer => (int)offer.Step));
    }

    private static SmallRun Run(IObjectStore store) => new(store, InventedBatches.Of(Samples));

    private static IEnumerable<string> ObjectsOf(CheckpointRecord offer) =>
        new[] { "manifest.json", "optimizer.safetensors", "weights.safetensors" }.Select(file => $"{offer.Prefix}/{file}");

    private IEnumerable<string> FilesBelow() => Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_folder.Path, file)).Order(StringComparer.Ordinal);

    /// <summary>The real store; while it is stuck it takes no manifest and deletes nothing.</summary>
    private sealed class StuckStore(IObjectStore inner) : IObjectStore
    {
        public bool Stuck { get; set; }

        public Uri Root => inner.Root;
        public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => inner.LengthAsync(key, cancellationToken);
        public Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken) =>
            inner.OpenReadAsync(key, offset, length, cancellationToken);
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
            Stuck && key.Value.EndsWith("manifest.json", StringComparison.Ordinal)
                ? throw new IOException("stuck") : inner.PutAsync(key, write, cancellationToken);

        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
            Stuck ? throw new IOException("stuck") : inner.DeleteAsync(key, cancellationToken);
    }
}
