namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExperimentRulesTests
{
    [Theory]
    [InlineData("dataset: { uri: /d, test: none }", "evaluate", 2)]
    [InlineData("dataset: { uri: /d, test: none }\nevaluate: { from: last }", "evaluate", 3)]
    [InlineData("dataset: { uri: /d, validate: none }", "checkpoint.metric", 2)]
    [InlineData("dataset: { uri: /d, validate: none }\ncheckpoint: { metric: val/loss, mode: min }", "checkpoint.metric", 3)]
    [InlineData("dataset: { uri: /d }\ncheckpoint: { metric: val/loss }", "checkpoint.mode", 3)]
    [InlineData("dataset: { uri: /d }\ncheckpoint: { mode: min }", "checkpoint.mode", 3)]
    [InlineData("dataset: { uri: /d }\n\ncheckpoint: { keep_best: 0 }", "evaluate.from", 4)]
    [InlineData("dataset: { uri: /d, train: { crop: 4096 } }\ntrain: { batch_size: 512 }", "train.batch_size", 3)]
    [InlineData("dataset: { uri: /d }\nmodel: { classes: 3 }\nloss: { name: bce }", "loss.name", 4)]
    [InlineData("dataset: { uri: /d }\nmodel: { classes: 3 }\nloss: { plus: [{ name: lovasz }] }", "loss.name", 4)]
    [InlineData("dataset: { uri: /d }\nmodel: { classes: 3 }\nloss: { class_weights: [1, 2] }", "loss.class_weights", 4)]
    [InlineData("dataset: { uri: /d }\nmodel: { classes: 3 }\nloss: { class_weights: daudt2018 }", "loss.class_weights", 4)]
    [InlineData("dataset: { uri: /d }\nloss: { class_weights: [1, 2, 3] }", "loss.class_weights", 3)]
    [InlineData("dataset: { uri: /d, mask: { change: 1 } }\nmodel: { classes: 3 }", "model.classes", 3)]
    [InlineData("dataset: { uri: /d, mask: { change: 1 }, train: { balance: 0.5 } }", "dataset.train.balance", 2)]
    [InlineData("dataset: { uri: /d, train: { crop_min_change: 0.01 } }", "dataset.train.crop_min_change", 2)]
    [InlineData("dataset: { uri: /d, fold: 0, train: { split: fold1 } }", "dataset.fold", 2)]
    [InlineData("dataset: { uri: /d, fold: 0, validate: { split: fold0 } }", "dataset.fold", 2)]
    public void Read_ImpossibleCombination_IsReportedWithARemedy(string lines, string path, int line)
    {
        var error = Texts.OnlyError($"name: x\n{lines}");

        Assert.Equal((path, line), (error.Path, error.Line));
        Assert.NotNull(error.Suggestion);
    }

    [Theory]
    [InlineData("dataset: { uri: /d, test: none }\nevaluate: none")]
    [InlineData("dataset: { uri: /d, validate: none }\ncheckpoint: { metric: train/loss, mode: min }")]
    [InlineData("dataset: { uri: /d }\ncheckpoint: { metric: val/loss, mode: min }")]
    [InlineData("dataset: { uri: /d, fold: 3, train: { crop: 64 }, test: { split: held-out } }")]
    [InlineData("dataset: { uri: /d, fold: 0, validate: none }\ncheckpoint: { metric: train/loss, mode: min }")]
    [InlineData("dataset: { uri: /d }\ncheckpoint: { keep_best: 0 }\nevaluate: { from: last }")]
    [InlineData("dataset: { uri: /d }\nmodel: { classes: 3 }\nloss: { name: focal, class_weights: [1, 2, 3], plus: [{ name: dice }, { name: tversky }] }")]
    [InlineData("dataset: { uri: /d }\nresources: { device: gpu }\nmodel: { channels: 13 }\naugment: { rotate90: true }")]
    public void Read_PossibleCombination_IsTaken(string lines)
    {
        Assert.Equal("x", Texts.Read($"name: x\n{lines}").Name);
    }

    [Fact]
    public void Read_KeyWrongByItself_ReportsNoCombinationOfIt()
    {
        var error = Texts.OnlyError("name: x\ndataset: { uri: /d }\ncheckpoint: { metric: val/los, mode: min }");

        Assert.Equal("checkpoint.metric", error.Path);
    }
}
