using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ConfigurationErrorTests
{
    [Fact]
    public void Read_FiveErrorsInOneFile_ReportsAllWithTheirPlaces()
    {
        var errors = Texts.Errors("""
            name: x
            dataset:
              uri: /d
              train: { crop: 8 }
            optimiser: { lr: 0.1 }
            train:
              batch_size: "16"
              epochs: -3
            loss: { class_weights: [0.1] }
            """);

        Assert.Equal(
            [
                "experiment.yaml:4:18 dataset.train.crop: must be a whole number from 16 to 16384 (value was 8).",
                "experiment.yaml:5:1 optimiser: is not a known key. Did you mean 'optimizer'?",
                "experiment.yaml:7:15 train.batch_size: must be a whole number from 1 to 4096 (value was \"16\"). Write it without quotes: 16.",
                "experiment.yaml:8:11 train.epochs: must be a whole number from 1 to 100000 (value was -3).",
                "experiment.yaml:9:24 loss.class_weights: must be auto, daudt2018, or a list of numbers: the weights of no change and of change, " +
                    "or of every class"
                    + " (value was a list of one). Write auto, or for example [0.05, 0.95].",
            ],
            errors.Select(e => e.ToString()));
    }

    [Fact]
    public void Read_ErrorsInJson_HaveTheSamePlaces()
    {
        var errors = Assert.Throws<ConfigurationException>(() => Texts.ReadJson("""
            {
              "name": "Zürich-x",
              "dataset": { "uri": "/é", "trian": {} },
              "train": { "epochs": "50", "batch_size": true }
            }
            """)).Errors;

        Assert.Equal(
            [("name", 2, 11), ("dataset.trian", 3, 29), ("train.epochs", 4, 24), ("train.batch_size", 4, 44)],
            errors.Select(e => (e.Path, e.Line!.Value, e.Column!.Value)));
    }

    [Fact]
    public void Read_EmptyDocumentOrMissingKeys_SaysWhatIsMissing()
    {
        Assert.Equal("experiment.yaml:1:1 is empty.", Texts.OnlyError("# nothing\n").ToString());
        Assert.Equal(["name", "dataset"], Texts.Errors("seed: 1").Select(e => e.Path));
        Assert.Equal("dataset.uri", Texts.OnlyError("name: x\ndataset: {}").Path);
        Assert.Contains("must be a mapping of keys", Texts.OnlyError("[1, 2]").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train: { epoch: 3 }", "train.epoch", "Did you mean 'epochs'?")]
    [InlineData("train: { batchSize: 3 }", "train.batchSize", "Did you mean 'batch_size'?")]
    [InlineData("train: { bacth_size: 3 }", "train.bacth_size", "Did you mean 'batch_size'?")]
    [InlineData("epochs: 3", "epochs", "Did you mean 'train.epochs'?")]
    [InlineData("retries: { something: 3 }", "retries.something", "retries takes errors.")]
    [InlineData("model: { name: fc_siam_dif }", "model.name", "Did you mean 'fc-siam-diff'?")]
    [InlineData("schedule: { name: exponental }", "schedule.name", "Did you mean 'exponential'?")]
    [InlineData("checkpoint: { metric: val/f2 }", "checkpoint.metric", "Did you mean 'val/f1'?")]
    [InlineData("checkpoint: { metric: test/f1 }", "checkpoint.metric", "The test split is measured once, after training: rank by a metric of val/.")]
    [InlineData("augment: { flip: yes }", "augment.flip", "Write true.")]
    [InlineData("augment: { flip: 'true' }", "augment.flip", "Write it without quotes: true.")]
    [InlineData("train: { deterministic: 'true' }", "train.deterministic", "Write it without quotes: true.")]
    [InlineData("dataset: { uri: /d, train: { split: 2024 } }", "dataset.train.split", "Put it in quotes: \"2024\".")]
    [InlineData("evaluate: false", "evaluate", "Write none.")]
    [InlineData("evaluate: non", "evaluate", null)]
    [InlineData("train:", "train", "Write a mapping of keys, or leave the key out.")]
    [InlineData("seed:", "seed", "Write a whole number from 0 to 9007199254740991, or leave the key out.")]
    public void Read_Slip_SuggestsWhatWasMeant(string line, string path, string? suggestion)
    {
        var text = line.StartsWith("dataset", StringComparison.Ordinal) ? $"name: x\n{line}" : Texts.Least + line;

        var error = Texts.OnlyError(text);

        Assert.Equal((path, suggestion), (error.Path, error.Suggestion));
    }

    [Theory]
    [InlineData("version: 2")]
    [InlineData("seed: -1")]
    [InlineData("seed: 9007199254740992")]
    [InlineData("seed: 1.5")]
    [InlineData("seed: 1e400")]
    [InlineData("seed: 0x10")]
    [InlineData("train: { epochs: 0 }")]
    [InlineData("train: { epochs: 100001 }")]
    [InlineData("train: { epochs: true }")]
    [InlineData("train: { epochs: null }")]
    [InlineData("train: { epochs: [1] }")]
    [InlineData("train: { epochs: { a: 1 } }")]
    [InlineData("train: { batch_size: 4097 }")]
    [InlineData("model: { dropout: 1 }")]
    [InlineData("model: { dropout: .nan }")]
    [InlineData("model: { dropout: NaN }")]
    [InlineData("model: { channels: 0 }")]
    [InlineData("optimizer: { lr: 0 }")]
    [InlineData("optimizer: { lr: -1e-4 }")]
    [InlineData("optimizer: { lr: .inf }")]
    [InlineData("optimizer: { lr: 1e999 }")]
    [InlineData("optimizer: { weight_decay: -0.1 }")]
    [InlineData("optimizer: { name: lion }")]
    [InlineData("loss: { plus: [ { name: dice, weight: 0 } ] }")]
    [InlineData("loss: { plus: { name: dice } }")]
    [InlineData("train: { average_decay: 1 }")]
    [InlineData("train: { clip_norm: 0 }")]
    [InlineData("schedule: { gamma: 0 }")]
    [InlineData("schedule: { gamma: 1.01 }")]
    [InlineData("loss: { class_weights: [0, 1] }")]
    [InlineData("loss: { class_weights: [.inf, 1] }")]
    [InlineData("loss: { class_weights: none }")]
    [InlineData("checkpoint: { keep_best: -1 }")]
    [InlineData("checkpoint: { keep_last: 0 }")]
    [InlineData("checkpoint: { every_minutes: 0 }")]
    [InlineData("evaluate: { pictures: -1 }")]
    [InlineData("resources: { threads: 0 }")]
    [InlineData("resources: { threads: 257 }")]
    [InlineData("resources: { priority: 10 }")]
    [InlineData("resources: { device: tpu }")]
    [InlineData("retries: { errors: -1 }")]
    [InlineData("normalize: Dataset")]
    public void Read_ValueOutOfBounds_IsOneErrorOnItsLine(string line)
    {
        var error = Texts.OnlyError(Texts.Least + line);

        Assert.Equal(3, error.Line);
        Assert.Contains("must be", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model: { name: fc-ef, activation: relu }")]
    [InlineData("model: { shared_towers: true }")]
    [InlineData("loss: { name: dice, class_weights: daudt2018 }")]
    [InlineData("schedule: { name: one-cycle, warmup_epochs: 1 }")]
    [InlineData("schedule: { name: cosine, warmup_epochs: 50 }")]
    [InlineData("train: { batch_size: 4, accumulate: 5 }")]
    public void Read_KeysThatDoNotGoTogether_AreOneErrorOnTheirLine(string line)
    {
        var error = Texts.OnlyError(Texts.Least + line);

        Assert.Equal(3, error.Line);
        Assert.DoesNotContain("must be", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("-rf")]
    [InlineData("a/b")]
    [InlineData("'%2e%2e'")]
    [InlineData("CON/x")]
    [InlineData("..")]
    [InlineData("'x '")]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"x\\n\"")]
    [InlineData("'<script>'")]
    [InlineData("''")]
    public void Read_NameOutsideTheRule_IsRefused(string name)
    {
        Assert.Equal("name", Texts.OnlyError($"name: {name}\ndataset: {{ uri: /d }}").Path);
    }

    [Fact]
    public void Read_NameOf80Characters_IsTheLongest()
    {
        Assert.Equal(80, Texts.Read($"name: {new string('a', 80)}\ndataset: {{ uri: /d }}").Name.Length);
        Assert.Equal("name", Texts.OnlyError($"name: {new string('a', 81)}\ndataset: {{ uri: /d }}").Path);
    }

    [Fact]
    public void ToString_ValueWithEscapeSequences_StaysOnOneVisibleLine()
    {
        var error = Texts.OnlyError("name: \"\\e[31m\\u202Eevil\\nline\"\ndataset: { uri: /d }").ToString();

        Assert.DoesNotContain(error, c => char.IsControl(c) || c == '\u202E');
        Assert.Contains("\\u001b[31m", error, StringComparison.Ordinal);
    }
}
