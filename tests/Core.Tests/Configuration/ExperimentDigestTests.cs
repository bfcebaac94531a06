using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExperimentDigestTests
{
    /// <summary>A change of this value makes every stored run refuse to resume: it must never come about by accident.</summary>
    [Fact]
    public void Of_DocumentedExample_IsPinned()
    {
        Assert.Equal("10ef0595fd53f2ab91ae7400fe5222a703eebdf81c7e3dd1fc6dd55e8552f9ad", ExperimentDigest.Of(Texts.Read(Texts.Documented)));
    }

    [Fact]
    public void Of_SameExperimentInOtherWords_IsTheSame()
    {
        var other = Texts.Read("""
            dataset: { uri: ../../../data//szada/, train: { crop: 112.0, samples_per_epoch: 1.5e3 } }
            train: { deterministic: true, batch_size: 32 }
            optimizer: { weight_decay: 0.00010, lr: 0.1e-3 }
            seed: 7
            name: another name
            """);

        Assert.Equal(ExperimentDigest.Of(Texts.Read(Texts.Documented)), ExperimentDigest.Of(other));
    }

    [Theory]
    [InlineData("name=other")]
    [InlineData("loader={read_ahead_mb: 8, decoders: 2, batches_ahead: 1}")]
    [InlineData("loader.decoded_cache=off")]
    [InlineData("loader.decoded_cache_mb=1")]
    [InlineData("resources.priority=9")]
    [InlineData("resources.device=gpu")]
    [InlineData("retries.errors=3")]
    [InlineData("evaluate.pictures=0")]
    [InlineData("published=[{ model: fc-ef, source: a paper }]")]
    [InlineData("checkpoint.keep_best=5")]
    [InlineData("checkpoint.keep_last=5")]
    [InlineData("checkpoint.keep_optimizer=none")]
    [InlineData("checkpoint.every_minutes=1")]
    public void Of_ChangeThatChangesNoResult_IsTheSame(string option)
    {
        Assert.NotEqual(Texts.Read(Texts.Documented), Texts.Read(Texts.Documented, option));
        Assert.Equal(ExperimentDigest.Of(Texts.Read(Texts.Documented)), ExperimentDigest.Of(Texts.Read(Texts.Documented, option)));
    }

    [Theory]
    [InlineData("seed=8")]
    [InlineData("seeds=2")]
    [InlineData("matrix=[{ key: seed, values: [8] }]")]
    [InlineData("dataset.uri=/elsewhere")]
    [InlineData("dataset.train.split=other")]
    [InlineData("dataset.train.crop=null")]
    [InlineData("dataset.train.samples_per_epoch=1501")]
    [InlineData("dataset.train.shuffle_shards=17")]
    [InlineData("dataset.train.mix=[{uri: /other}]")]
    [InlineData("dataset.train.balance=0.5")]
    [InlineData("dataset.validate.split=other")]
    [InlineData("dataset.test.split=other")]
    [InlineData("augment.flip=false")]
    [InlineData("augment.rotate90=false")]
    [InlineData("augment.swap_dates=true")]
    [InlineData("augment.brightness=0.1")]
    [InlineData("augment.contrast=0.1")]
    [InlineData("augment.noise=0.1")]
    [InlineData("augment.misregister=1")]
    [InlineData("dataset.train.crop_min_change=0.01")]
    [InlineData("dataset.mask.change='> 0'")]
    [InlineData("model.classes=3")]
    [InlineData("normalize=unit")]
    [InlineData("normalize=imagenet")]
    [InlineData("normalize={ mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] }")]
    [InlineData("model.channels=4")]
    [InlineData("model.dropout=0.2000000000000001")]
    [InlineData("model.init=/w.safetensors")]
    [InlineData("loss.class_weights=[0.5, 0.5]")]
    [InlineData("optimizer.lr=2e-4")]
    [InlineData("optimizer.weight_decay=0")]
    [InlineData("schedule.name=constant")]
    [InlineData("schedule.gamma=0.9")]
    [InlineData("train.batch_size=31")]
    [InlineData("train.epochs=51")]
    [InlineData("train.deterministic=strict")]
    [InlineData("checkpoint.every_epochs=2")]
    [InlineData("checkpoint.metric=val/iou")]
    [InlineData("evaluate=none")]
    [InlineData("evaluate.from=last")]
    [InlineData("resources.threads=1")]
    public void Of_ChangeThatCanChangeAResult_IsAnother(string option)
    {
        Assert.NotEqual(ExperimentDigest.Of(Texts.Read(Texts.Documented)), ExperimentDigest.Of(Texts.Read(Texts.Documented, option)));
    }

    [Fact]
    public void Of_MixesOfOtherWeightsOrOrder_AreOthers()
    {
        string[] mixes = ["[{uri: /a}, {uri: /b}]", "[{uri: /b}, {uri: /a}]", "[{uri: /a, weight: 2}, {uri: /b}]", "[{uri: /a, split: x}, {uri: /b}]"];
        Assert.Equal(mixes.Length, mixes.Select(mix => ExperimentDigest.Of(Texts.Read(Texts.Documented, $"dataset.train.mix={mix}"))).Distinct().Count());
    }

    [Fact]
    public void Of_StoredAndReadBack_IsTheSame()
    {
        AnyConfig.Valid.Sample(
            config => ExperimentDigest.Of(config) == ExperimentDigest.Of(ExperimentJson.Deserialize(ExperimentJson.Serialize(config))), iter: 100);
    }
}
