using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExperimentConfigReaderTests
{
    [Fact]
    public void Read_DocumentedExample_GivesEveryValue()
    {
        var expected = new ExperimentConfig
        {
            Name = "szada-fc-siam-diff",
            Seed = 7,
            Dataset = new()
            {
                Uri = new Uri("file:///data/szada"),
                Train = new() { Split = "train", Crop = 112, SamplesPerEpoch = 1500 },
                Validate = new() { Split = "val" },
                Test = new() { Split = "test" },
            },
            Augment = new() { Flip = true, Rotate90 = true, SwapDates = false },
            Normalize = Normalization.Dataset,
            Model = new() { Name = "fc-siam-diff", Channels = 3, Dropout = 0.2, Init = "default" },
            Loss = new() { Name = "nll", ClassWeights = ClassWeighting.Auto },
            Optimizer = new() { Name = "adam", Lr = 1e-4, WeightDecay = 1e-4 },
            Schedule = new() { Name = "exponential", Gamma = 0.95 },
            Train = new() { BatchSize = 32, Epochs = 50, Deterministic = Determinism.On },
            Checkpoint = new() { EveryEpochs = 1, EveryMinutes = 5, KeepBest = 1, KeepLast = 2, Metric = "val/f1", Mode = OptimumMode.Max },
            Evaluate = new() { From = CheckpointChoice.Best },
            Resources = new() { Device = DeviceClass.Any, Threads = 2, Priority = 5 },
            Retries = new() { Errors = 0 },
        };

        Assert.Equal(expected, Texts.Read(Texts.Documented));
        Assert.Equal(expected, Texts.ReadJson(Texts.DocumentedJson));
    }

    [Fact]
    public void Read_OnlyWhatMustStand_FillsInTheRecordsDefaults()
    {
        var expected = new ExperimentConfig { Name = "least", Dataset = new() { Uri = new Uri("file:///data/szada") } };

        Assert.Equal(expected, Texts.Read(Texts.Least));
    }

    [Theory]
    [InlineData("experiment.json", "{ \"name\": \"x\", \"dataset\": { \"uri\": \"/d\" } }")]
    [InlineData("<standard input>", "\n  { \"name\": \"x\", \"dataset\": { \"uri\": \"/d\" } }")]
    [InlineData("<standard input>", "name: x\ndataset: { uri: /d }")]
    [InlineData("experiment.yml", "{ name: x, dataset: { uri: /d } }")]
    [InlineData("experiment.yaml", "\uFEFFname: x\r\ndataset:\r\n  uri: /d\r\n")]
    public void Read_FormatByExtensionOrFirstCharacter_GivesTheSame(string fileName, string text)
    {
        Assert.Equal("x", ExperimentConfigReader.Read(text, fileName, "/").Name);
    }

    [Theory]
    [InlineData("data/szada", "file:///home/user/experiments/data/szada")]
    [InlineData("../data/szada/", "file:///home/user/data/szada")]
    [InlineData("/data/szada", "file:///data/szada")]
    [InlineData("'/data/a b#c%20?'", "file:///data/a%20b%23c%2520%3F")]
    [InlineData("file:///data/szada/", "file:///data/szada")]
    [InlineData("s3://bucket/prefix", "s3://bucket/prefix")]
    [InlineData("az://container/prefix", "az://container/prefix")]
    [InlineData("https://host:8443/prefix", "https://host:8443/prefix")]
    [InlineData("http://host/prefix", "http://host/prefix")]
    public void Read_DatasetUri_BecomesAbsolute(string written, string expected)
    {
        var config = Texts.Read($"name: x\ndataset: {{ uri: {written} }}");

        Assert.Equal(expected, config.Dataset.Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("ftp://host/data")]
    [InlineData("file:data")]
    [InlineData("file://host/data")]
    [InlineData("s3:///prefix")]
    [InlineData("s3:bucket")]
    [InlineData("https://user:secret@host/data")]
    [InlineData("https://host/data?sig=secret")]
    [InlineData("https://host/data#part")]
    [InlineData("https://host:99999/data")]
    [InlineData("'C:\\data'")]
    [InlineData("~/data")]
    [InlineData("''")]
    [InlineData("\"a\\0b\"")]
    [InlineData("7")]
    public void Read_DatasetUriOfNoStore_IsRefused(string written)
    {
        var error = Texts.OnlyError($"name: x\ndataset:\n  uri: {written}");

        Assert.Equal(("dataset.uri", 3, 8), (error.Path, error.Line, error.Column));
    }

    [Fact]
    public void Read_ModelInit_KeepsDefaultAndMakesPathsAbsolute()
    {
        Assert.Equal("default", Texts.Read(Texts.Least + "model: { init: default }").Model.Init.From);
        Assert.Equal("file:///home/user/experiments/w.safetensors", Texts.Read(Texts.Least + "model: { init: w.safetensors }").Model.Init.From);
        Assert.Equal("s3://bucket/w.safetensors", Texts.Read(Texts.Least + "model: { init: 's3://bucket/w.safetensors' }").Model.Init.From);
        Assert.Equal("0198c0de-0000-7000-8000-000000000001", Texts.Read(Texts.Least + "model: { init: 0198C0DE-0000-7000-8000-000000000001 }").Model.Init.From);
        Assert.Equal(
            "file:///home/user/experiments/0198c0de-0000-7000-8000-000000000001",
            Texts.Read(Texts.Least + "model: { init: ./0198c0de-0000-7000-8000-000000000001 }").Model.Init.From);
    }

    [Fact]
    public void Read_None_SwitchesOff()
    {
        var config = Texts.Read("""
            name: x
            dataset: { uri: /d, validate: none, test: none }
            checkpoint: { metric: train/loss, mode: min }
            evaluate: none
            """);

        Assert.Null(config.Dataset.Validate);
        Assert.Null(config.Dataset.Test);
        Assert.Null(config.Evaluate);
    }

    [Theory]
    [InlineData("true", Determinism.On)]
    [InlineData("false", Determinism.Off)]
    [InlineData("strict", Determinism.Strict)]
    public void Read_Deterministic_TakesBooleansAndStrict(string written, Determinism expected)
    {
        Assert.Equal(expected, Texts.Read(Texts.Least + $"train: {{ deterministic: {written} }}").Train.Deterministic);
    }

    [Theory]
    [InlineData("1e-4", 1e-4)]
    [InlineData("1.0E-4", 1e-4)]
    [InlineData("0.0001", 1e-4)]
    [InlineData(".5", 0.5)]
    [InlineData("1", 1.0)]
    public void Read_Numbers_InEveryDecimalNotation(string written, double expected)
    {
        Assert.Equal(expected, Texts.Read(Texts.Least + $"optimizer: {{ lr: {written} }}").Optimizer.Lr);
    }

    [Fact]
    public void Read_ClassWeights_TakesAutoAndAPair()
    {
        Assert.Equal(ClassWeighting.Auto, Texts.Read(Texts.Least + "loss: { class_weights: auto }").Loss.ClassWeights);
        Assert.Equal(ClassWeighting.Daudt2018, Texts.Read(Texts.Least + "loss: { class_weights: daudt2018 }").Loss.ClassWeights);
        Assert.Equal(ClassWeighting.Given(0.044, 0.956), Texts.Read(Texts.Least + "loss: { class_weights: [0.044, 0.956] }").Loss.ClassWeights);
    }

    [Fact]
    public void ReadFile_RelativeUri_IsTakenFromTheFilesFolder()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("configs/a.yaml", "name: x\ndataset: { uri: ../data }");

        Assert.Equal(folder["data"], ExperimentConfigReader.ReadFile(path).Dataset.Uri.LocalPath);
    }

    [Fact]
    public void ReadFile_Unreadable_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        var latin1 = folder["latin1.yaml"];
        File.WriteAllBytes(latin1, [.. "name: "u8, 0xE9]);

        Assert.Equal($"{folder["absent.yaml"]}: does not exist.", MessageFor(folder["absent.yaml"]));
        Assert.Equal($"{folder.Path}: is a folder, not a file.", MessageFor(folder.Path));
        Assert.Equal($"{latin1}: is not UTF-8.", MessageFor(latin1));

        static string MessageFor(string path) => Assert.Throws<ConfigurationException>(() => ExperimentConfigReader.ReadFile(path)).Message;
    }
}
