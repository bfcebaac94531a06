using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What does not fit between configs and data sets is told before anything waits: all of it at once, each at its line.</summary>
public sealed class DatasetMistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("validate")]
    [InlineData("submit")]
    public async Task TenMistakesAndOne_AreToldAtOnceWithTheirLines(string verb)
    {
        await PackedAsync();
        var file = _folder.Write("experiment.yaml",
            """
            version: 1
            name: wrong
            dataset:
              uri: dataset
              fields: { before: after, after: before }
              train:
                crop: 112
                samples_per_epoch: 8
                balance: 0.5
                mix:
                  - { uri: nowhere }
                  - { uri: dataset, split: trian }
              validate: { split: vall }
              test: { split: tset }
            normalize: dataset
            model: { channels: 4, classes: 3 }
            train: { batch_size: 64 }
            evaluate: { rescale: "0..1=0..255" }
            """);

        var run = await VerbRun.OfAsync(verb, file);

        run.Refused(2);
        var errors = run.Log.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).Select(line => line["error: ".Length..]).ToList();
        string[] expected =
        [
            ":7:11 dataset.train.crop: is larger than images of the split 'train'",
            ":9:14 dataset.train.balance: of the 1 samples",
            $":11:16 dataset.train.mix[0].uri: file://{_folder["nowhere"]} holds no dataset.json",
            ":12:32 dataset.train.mix[1].split: the data set 'source'",
            ":13:22 dataset.validate.split: the data set 'source'",
            ":14:18 dataset.test.split: the data set 'source'",
            ":15:12 normalize: rests on the means and deviations",
            ":16:20 model.channels: must be 3",
            ":16:32 model.classes: must be 2",
            ":17:22 train.batch_size: is more than the 8 samples of an epoch",
            ":18:22 evaluate.rescale: is '0..1=0..255'",
        ];
        Assert.Equal(expected.Length, errors.Count);
        Assert.All(expected.Zip(errors), pair => Assert.StartsWith(file + pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Contains("Did you mean 'val'? It has: test, train, val. Or write validate: none", errors[4], StringComparison.Ordinal);
        Assert.Contains("Or write test: none, with evaluate: none", errors[5], StringComparison.Ordinal);
        Assert.Contains("Write crop: 64 or less", errors[0], StringComparison.Ordinal);
        Assert.Contains("Write batch_size: 8 or less", errors[9], StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeysThatAreNotWritten_AreShownWhereTheDataSetIsNamed()
    {
        await PackedAsync();
        var file = _folder.Write("experiment.yaml", "name: least\ndataset:\n  uri: dataset\n");

        (await VerbRun.OfAsync("validate", file)).Refused(
            2, $"{file}:3:8 train.batch_size: is more than the 1 samples of an epoch that the split 'train'", "Write batch_size: 1 or less");
    }

    [Fact]
    public async Task MixedSizesWithoutACrop_AreRefusedWithTheLargestThatFits()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(
            0, (await SmallDataset.PackAsync(_folder, "--split", "train=train/*", "--split", "train=test/*@0,0,48,40", "--split", "val=val/*")).Code);
        var file = SmallDataset.WriteConfig(_folder, more: "evaluate: none");

        (await VerbRun.OfAsync("validate", file)).Refused(
            2, "dataset.train.crop: is missing", "are 48 to 64 wide and 40 to 64 high", "Write crop: 40 or less under dataset.train");

        Assert.Equal(0, (await VerbRun.OfAsync("validate", file, "--set", "dataset.train.crop=40")).Code);
    }

    [Fact]
    public async Task Matrix_NamesTheRunThatDoesNotFit()
    {
        await PackedAsync();
        var file = SmallDataset.WriteConfig(_folder, more: "matrix: [{ key: dataset.train.crop, values: [32, 112] }]");

        var run = await VerbRun.OfAsync("validate", file);

        run.Refused(2, "matrix: in the run 'small 112' dataset.train.crop is larger than images");
        Assert.DoesNotContain("'small 32'", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataSetPackedBeforeSizesWereWritten_IsLookedInto()
    {
        await PackedAsync();
        ForgetSizes();

        (await VerbRun.OfAsync("validate", SmallDataset.WriteConfig(_folder, train: "{ crop: 112 }"))).Refused(
            2, "dataset.train.crop: is larger than images of the split 'train'", "64x64");
        Assert.Equal(0, (await VerbRun.OfAsync("validate", SmallDataset.WriteConfig(_folder, train: "{ crop: 64 }"))).Code);
    }

    private async Task PackedAsync()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);
    }

    private void ForgetSizes()
    {
        var file = _folder["dataset/dataset.json"];
        var manifest = ChangeDetection.Datasets.Shards.DatasetManifestFile.Parse(File.ReadAllBytes(file));
        File.WriteAllBytes(file, ChangeDetection.Datasets.Shards.DatasetManifestFile.Format(manifest with
        {
            Splits = manifest.Splits.ToDictionary(split => split.Key, split => split.Value with { Sizes = null }),
        }));
    }
}
