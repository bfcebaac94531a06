using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>Configs of other programs get one line, with what their keys are called here.</summary>
public sealed class ForeignConfigTests
{
    [Fact]
    public void Determined_IsNamedWithItsKeys()
    {
        var error = Texts.OnlyError(
            """
            name: cifar
            entrypoint: model_def:Trial
            hyperparameters: { global_batch_size: 32, learning_rate: 0.1 }
            searcher: { name: single, metric: validation_loss, max_length: { batches: 100 } }
            max_restarts: 5
            """);

        Assert.Equal((2, "looks like a config of Determined AI (it has entrypoint, searcher, hyperparameters, max_restarts)"),
            (error.Line, error.Message.Split(", whose keys")[0]));
        Assert.Contains("searcher.max_length is train.epochs; max_restarts is retries.errors", error.Message, StringComparison.Ordinal);
        Assert.Contains("changedetection init URI", error.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void Lightning_IsNamedWithItsKeys()
    {
        var error = Texts.OnlyError(
            """
            seed_everything: 42
            trainer: { max_epochs: 100, accelerator: gpu }
            model: { class_path: mine.Net, init_args: { lr: 0.1 } }
            data: { class_path: mine.Data, init_args: { batch_size: 8 } }
            """);

        Assert.Contains("PyTorch Lightning", error.Message, StringComparison.Ordinal);
        Assert.Contains("seed_everything is seed; trainer.max_epochs is train.epochs", error.Message, StringComparison.Ordinal);
        Assert.Contains("data.init_args.batch_size is train.batch_size", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.py")]
    [InlineData("config.yaml")]
    public void OpenCdAsPython_IsNamedWithItsKeys(string file)
    {
        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.Read(
            """
            # A change detector.
            _base_ = ['../_base_/models/snunet_c16.py']
            crop_size = (256, 256)
            model = dict(type='DIEncoderDecoder', decode_head=dict(num_classes=2))
            optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3))
            """, file, "/home/user", [])).Errors);

        Assert.Equal((2, ""), (error.Line, error.Path));
        Assert.Contains("MMSegmentation or open-cd (it has _base_, model, optim_wrapper)", error.Message, StringComparison.Ordinal);
        Assert.Contains("crop_size is dataset.train.crop; optim_wrapper is optimizer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenCdAsYaml_IsNamedWithItsKeys() => Assert.Contains(
        "open-cd", Texts.OnlyError("data_root: /d\nmodel: { type: SiamEncoderDecoder, backbone: {} }\ntrain_dataloader: { batch_size: 8 }").Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("name: x\ndataset: { uri: /d }\ntrainer: { max_epochs: 3 }\nseed_everything: 3")]
    [InlineData("name: x\ntrainer: { max_epochs: 3 }")]
    [InlineData("name: text = dict(x)\ndatset: { uri: /d }")]
    public void OneOfOurs_KeepsItsOwnErrors(string text) => Assert.All(
        Texts.Errors(text), error => Assert.DoesNotContain("looks like", error.Message, StringComparison.Ordinal));
}
