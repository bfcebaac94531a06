using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Golden;

/// <summary>Data sets of earlier releases are read, sample by sample.</summary>
public sealed class GoldenDatasetTests
{
    public static TheoryData<string, int> DataSets => [.. GoldenFiles.Releases.SelectMany(release => new[] { (release.Data, 1), (release.Data, 2) })];

    [Theory]
    [MemberData(nameof(DataSets))]
    public async Task DataSet_OfARelease_IsIntact(string release, int format)
    {
        var dataset = await ShardDataset.OpenAsync(new FileObjectStore(GoldenFiles.Of(release, $"dataset-{format}")), TestContext.Current.CancellationToken);

        Assert.Equal(format, dataset.Manifest.Version);
        var found = await new DatasetVerifier(dataset, deep: true).VerifyAsync(progress: null, TestContext.Current.CancellationToken);
        Assert.Empty(found.Damages);
        Assert.Contains("train", dataset.Manifest.Splits.Keys);
        Assert.InRange(dataset.Manifest.Splits["train"].ChangeFraction, 0.001, 0.9);
    }
}
