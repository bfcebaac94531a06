using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

public sealed class ClassLabelTests
{
    private static readonly string[] s_names = ["none", "new", "gone"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_Classes_AreTheLabels_AndARuleMakesThemChange()
    {
        using var dataset = await ClassDataset.PackAsync(s_names);
        var classes = await LabelsAsync(dataset.Config());
        Assert.Equal<byte>([0, 1, 2], classes.Distinct().Order());
        foreach (var rule in new[] { "> 0", "2", "0,1" })
        {
            var change = MaskRule.TryParse(rule)!;
            var config = dataset.Config(classes: 2, change);
            Assert.Equal(classes.Select(label => change.Matches(label) ? (byte)1 : (byte)0), await LabelsAsync(config));
            using var streams = await RunDataLoader.OpenAsync(config, Token);
            var all = streams.Manifest.Splits["train"].ClassFractions!;
            Assert.Equal(all.Where((_, label) => change.Matches((byte)label)).Sum(), streams.Training.ClassFractions[1], 1e-12);
        }
    }

    [Fact]
    public async Task Fractions_OfClasses_AreThoseOfWhatIsDrawn()
    {
        using var dataset = await ClassDataset.PackAsync(s_names);
        using var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        Assert.Equal(streams.Manifest.Splits["train"].ClassFractions!, streams.Training.ClassFractions, (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal(1, streams.Training.ClassFractions.Sum(), 1e-12);
    }

    [Fact]
    public async Task Open_ANetworkOfOtherClasses_NamesThemAndTheRemedy()
    {
        using var dataset = await ClassDataset.PackAsync(s_names);
        Assert.Contains("model.classes: must be 3, the classes of", await RefusedAsync(dataset.Config(classes: 2)), StringComparison.Ordinal);
        Assert.Contains(
            ": 0 none, 1 new, 2 gone (value was 4). Write classes: 3, or say under dataset.mask.change",
            await RefusedAsync(dataset.Config(classes: 4)), StringComparison.Ordinal);
        Assert.Contains(
            "dataset.mask.change: matches none of the classes", await RefusedAsync(dataset.Config(2, MaskRule.TryParse("> 2"))), StringComparison.Ordinal);
        Assert.Contains(
            "dataset.mask.change: matches every one of the classes",
            await RefusedAsync(dataset.Config(2, MaskRule.TryParse("0-9"))), StringComparison.Ordinal);
        using var binary = await PackedDataset.PackAsync(6);
        var config = binary.Config();
        Assert.Contains(
            "tell change and no change alone (value was 3). Write classes: 2",
            await RefusedAsync(config with { Model = config.Model with { Classes = 3 } }), StringComparison.Ordinal);
        var mask = config with { Dataset = config.Dataset with { Mask = new() { Change = MaskRule.TryParse("1") } } };
        Assert.Contains("dataset.mask.change: chooses among classes", await RefusedAsync(mask), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AMixOfOtherClasses_IsRefused()
    {
        using var first = await ClassDataset.PackAsync(s_names);
        using var other = await ClassDataset.PackAsync("none", "gone", "new");
        var config = first.Config();
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { Mix = [new() { Uri = other.Uri }] } } };
        Assert.Contains("has the classes none, gone, new, but 'source' has none, new, gone", await RefusedAsync(config), StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_AnyMask_GivesLabelsOrTheFirstValueThatIsNone() => Gen.Select(Gen.Byte[0, 6].Array[0, 100], Gen.Int[3, 6]).Sample((mask, classes) =>
    {
        var table = LabelTable.Of(Manifest(classes), null);
        var wrong = mask.Where(value => value >= classes).Select(value => (byte?)value).FirstOrDefault();
        var labels = mask.ToArray();
        Assert.Equal(wrong, table.Apply(labels));
        Assert.Equal(mask, labels);
        Assert.Equal(new(mask.Count(value => value != 0), mask.Length), table.Count(mask));
    }, iter: 300, seed: "0N0XIzNsQ0O2");

    [Fact]
    public async Task Read_AMaskBeyondTheClasses_IsRefusedNamingTheSample()
    {
        using var dataset = await ClassDataset.PackAsync("none", "new", "gone", "other");
        // As another program might write it: fewer classes than the masks hold.
        var file = Path.Combine(dataset.Uri.LocalPath, DatasetManifest.FileName);
        var manifest = DatasetManifestFile.Parse(await File.ReadAllBytesAsync(file, Token));
        var fewer = manifest with
        {
            Classes = [new("none", "0"), new("new", "1"), new("gone", "2")],
            Splits = manifest.Splits.ToDictionary(split => split.Key, split => split.Value with { ClassFractions = [0.5, 0.25, 0.25] }),
        };
        await File.WriteAllBytesAsync(file, DatasetManifestFile.Format(fewer), Token);

        var error = await Assert.ThrowsAsync<SampleRejectedException>(() => LabelsAsync(dataset.Config()));

        Assert.Contains("has a mask with the value 3, and the data set has 3 classes", error.Message, StringComparison.Ordinal);
    }

    private static DatasetManifest Manifest(int classes) => new()
    {
        Name = "test",
        Channels = 3,
        Splits = new Dictionary<string, SplitManifest>(),
        Statistics = new([0, 0, 0], [1, 1, 1]),
        Provenance = new("test", "test", "test"),
        Classes = [.. Enumerable.Range(0, classes).Select(label => new ClassManifest($"class {label}", $"{label}"))],
    };

    private static async Task<List<byte>> LabelsAsync(ExperimentConfig config)
    {
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        var labels = new List<byte>();
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            using (batch)
                labels.AddRange(batch.Mask.AsSpan(0, batch.Count * batch.Height * batch.Width));
        }
        return labels;
    }

    private static async Task<string> RefusedAsync(ExperimentConfig config) =>
        (await Assert.ThrowsAsync<DatasetMismatchException>(() => RunDataLoader.OpenAsync(config, Token))).Message;
}
