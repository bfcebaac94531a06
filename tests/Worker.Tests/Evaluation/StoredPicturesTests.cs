using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Evaluation;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Worker.Tests.Evaluation;

public sealed class StoredPicturesTests
{
    [Fact]
    public async Task Picture_OfSeveralNames_IsOneObject_AndOthersAreTheirOwn()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var link = new RecordingLink();
        var assignment = new TrainerAssignment
        {
            Run = Guid.CreateVersion7(), Attempt = 2, Kind = RunKind.Evaluate, Store = store.Root, Device = "cpu",
        };
        var pictures = new StoredPictures(assignment, store, link);
        var sample = new SamplePicture("000003-a", "a", [1, 2, 3], new ConfusionCounts(1, 0, 0, 1));

        await pictures.AddAsync(sample, TestContext.Current.CancellationToken);
        await pictures.AddAsync(sample.Renamed("worst-1"), TestContext.Current.CancellationToken);
        await pictures.AddAsync(sample with { Name = "best-1-b", Png = [1, 2, 4] }, TestContext.Current.CancellationToken);

        string[] keys = [RunObject.Picture(assignment.Run, "000003-a", 2).Value, RunObject.Picture(assignment.Run, "best-1-b", 2).Value];
        Assert.Equal(
            [("000003-a", keys[0], 3L), ("worst-1-a", keys[0], 3), ("best-1-b", keys[1], 3)],
            link.Artifacts.Select(artifact => (artifact.Name, artifact.ObjectKey, artifact.Bytes)));
        Assert.Equal(link.Artifacts[0].Sha256, link.Artifacts[1].Sha256);
        Assert.Equal(
            keys, await store.ListAsync("", TestContext.Current.CancellationToken).Select(stored => stored.Key.Value)
                .ToListAsync(TestContext.Current.CancellationToken));
    }
}
