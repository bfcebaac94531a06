using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ConfigOverrideTests
{
    [Fact]
    public void Read_Overrides_WinOverTheFileAndOpenSections()
    {
        var config = Texts.Read(
            Texts.Documented, "train.epochs=3", "dataset.train.crop=64", "loss.class_weights=[0.1, 0.9]",
            "loader.decoders=4", "seed=1", "seed=2", "name=other name");

        Assert.Equal(
            (3, 64, ClassWeighting.Given(0.1, 0.9), 4, 2L, "other name"),
            (config.Train.Epochs, config.Dataset.Train.Crop, config.Loss.ClassWeights, config.Loader.Decoders, config.Seed, config.Name));
        Assert.Equal(32, config.Train.BatchSize);
    }

    [Fact]
    public void Read_OverrideOfNoneOrNull_SwitchesOnAndOff()
    {
        Assert.Equal("other", Texts.Read(Texts.Least + "evaluate: none", "dataset.test.split=other").Dataset.Test!.Split);
        Assert.Equal(CheckpointChoice.Last, Texts.Read(Texts.Least + "evaluate: none", "evaluate.from=last").Evaluate!.From);
        Assert.Null(Texts.Read(Texts.Documented, "evaluate=none").Evaluate);
        Assert.Null(Texts.Read(Texts.Documented, "dataset.train.crop=null").Dataset.Train.Crop);
    }

    [Fact]
    public void Read_OverrideRepairsTheFile_GivesNoError()
    {
        Assert.Equal(5, Texts.Read(Texts.Least + "train: { epochs: many }", "train.epochs=5").Train.Epochs);
    }

    [Theory]
    [InlineData("train.epochs=0", "--set train.epochs=0: train.epochs: must be a whole number from 1 to 100000 (value was 0).")]
    [InlineData("train.epoch=3", "--set train.epoch=3: train.epoch: is not a known key. Did you mean 'epochs'?")]
    [InlineData("epochs=3", "--set epochs=3: epochs: is not a known key. Did you mean 'train.epochs'?")]
    [InlineData("train.epochs=", "--set train.epochs=: train.epochs: has no value. Write a whole number from 1 to 100000, or leave the key out.")]
    [InlineData("train.epochs", "--set train.epochs: must be path=value. For example --set train.epochs=10.")]
    [InlineData("=3", "--set =3: must be path=value. For example --set train.epochs=10.")]
    [InlineData("train..epochs=3", "--set train..epochs=3: must be path=value. For example --set train.epochs=10.")]
    [InlineData("name=2024", "--set name=2024: name: must be 1 to 80 letters (a-z), digits, spaces or . _ - that start and end with a letter or digit"
        + " (value was 2024). Put it in quotes: \"2024\".")]
    [InlineData("checkpoint.metric=val/loss",
        "--set checkpoint.metric=val/loss: checkpoint.mode: must be min for val/loss, of which less is better (value was max). Write mode: min.")]
    public void Read_WrongOverride_NamesTheOption(string option, string message)
    {
        Assert.Equal(message, Texts.OnlyError(Texts.Least, option).ToString());
    }

    [Theory]
    [InlineData("seed=[1")]
    [InlineData("seed=*a")]
    [InlineData("seed=!!int 1")]
    [InlineData("seed=1\n---\n2")]
    [InlineData("seed=\0")]
    [InlineData("name.x=1")]
    public void Read_MalformedOverride_NamesTheOption(string option)
    {
        Assert.All(Texts.Errors(Texts.Least, option), error => Assert.StartsWith("--set ", error.Source, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ErrorsOfFileAndOptions_ComeTogether()
    {
        var errors = Texts.Errors(Texts.Least + "seed: x", "train.epochs=0", "seeds=[", "train.batch_size=0");

        Assert.Equal(4, errors.Count);
        Assert.Equal(3, errors[0].Line);
    }

    [Fact]
    public void Read_RelativeUriInOverride_IsTakenFromTheSameFolder()
    {
        Assert.Equal("file:///home/user/experiments/other", Texts.Read(Texts.Least, "dataset.uri=other").Dataset.Uri.AbsoluteUri);
    }
}
