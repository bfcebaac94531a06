using System.Text;
using System.Text.Json.Nodes;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Export;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;
using CsCheck;

namespace ChangeDetection.Weights.Tests.Tensors;

public sealed class WeightsMeaningTests
{
    private static readonly TensorData[] s_tensors =
        [new("b", TensorType.F32, [2], new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }), new("a", TensorType.I64, [], new byte[8])];

    private static readonly WeightsMeaning s_meaning = WeightsMeaning.Of(Manifest(), Config());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_OfEitherFormat_IsReadBackWithItsTensors_AndHasTheHashOfTheStoredWeights()
    {
        var stored = await StoredAsync();
        foreach (var file in new[] { await SafetensorsAsync(stored), await PthAsync() })
        {
            var read = await ReadAsync(file);

            Assert.Equal(s_meaning.ToJson(), read.Meaning!.ToJson());
            Assert.True(read.Meaning.IsUsedAs(s_meaning));
            Assert.Equal(["a", "b"], read.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stored)), Safetensors.Sha256(read.Tensors.Values));
            using var anew = new MemoryStream();
            await Safetensors.WriteAsync(anew, read.Tensors.Values, Token);
            Assert.Equal(stored, anew.ToArray());
        }
    }

    [Fact]
    public void Json_SaysAllThatIsNeeded_InAFixedOrder()
    {
        Assert.Equal(
            """
            {"format":1,"network":{"name":"siamese-fcnn","channels":2,"classes":3,"activation":"relu"},
            "normalization":{"kind":"dataset","units":"stored","mean":[90.25,0.1],"deviation":[40,1E-07]},
            "training":{"seed":7,"loss":{"name":"focal","class_weights":"auto","gamma":2,"alpha":0.3,"beta":0.7,"plus":[]},
            "train":{"batch_size":4,"deterministic":true},"resources":{"threads":3},"dataset":{"train":{"split":"first"}}},
            "pixels":{"type":"uint8","ranges":[{"minimum":0,"low":1,"high":2,"maximum":3},{"minimum":0,"low":1,"high":2,"maximum":3}]},
            "mask":{"unit":"number","ignore":"255","classes":[{"name":"none","values":"0"}]}}
            """.ReplaceLineEndings(""), s_meaning.ToJson());
        Assert.Equal(
            """{"kind":"imagenet","units":"range","mean":[0.485,0.456,0.406],"deviation":[0.229,0.224,0.225]}""",
            Part(CheckpointNormalization.Of(Normalization.ImageNet, null, null)));
        Assert.Equal("""{"kind":"unit"}""", Part(new CheckpointNormalization("unit", null, null)));

        static string Part(CheckpointNormalization normalization) =>
            JsonNode.Parse((s_meaning with { Normalization = normalization }).ToJson())!["normalization"]!.ToJsonString();
    }

    [Fact]
    public void Config_OfAFile_IsThatOfTheTraining_AsFarAsAnEvaluationGoes()
    {
        var config = WeightsMeaning.Parse(s_meaning.ToJson(), "file").ToConfig(new Uri("file:///there"), "file");

        Assert.Equal((7, Config().Loss, 4, 3), (config.Seed, config.Loss, config.Train.BatchSize, config.Resources.Threads));
        Assert.Equal((CheckpointModel.Of(Config().Model), "first"), (CheckpointModel.Of(config.Model), config.Dataset.Train.Split));
        Assert.Equal(s_meaning.Normalization, CheckpointNormalization.Of(config.Normalize, null, null));
    }

    [Theory]
    [InlineData("format", "2", "is of format 2, and this program reads 1")]
    [InlineData("format", "\"1\"", "it has no format number")]
    [InlineData("network", """{"name":"of-tomorrow","channels":2,"classes":3}""", "model.name must be")]
    [InlineData("network", """{"name":"fc-ef","channels":2000000000,"classes":3}""", "has not one range")]
    [InlineData("network", """{"name":"fc-ef","channels":2}""", "is damaged")]
    [InlineData("normalization", """{"kind":"median"}""", "has a normalization 'median'")]
    [InlineData("normalization", """{"kind":"dataset"}""", "has a normalization 'dataset'")]
    [InlineData("normalization", """{"kind":"given","units":"stored","mean":[1,2],"deviation":[1,2]}""", "has a normalization 'given'")]
    [InlineData("normalization", """{"kind":"given","units":"range","mean":[1],"deviation":[1]}""", "normalize has 1 means")]
    [InlineData("pixels", """{"type":"int12","ranges":null}""", "none of uint8, uint16, float32")]
    [InlineData("training", """{"dataset":{"uri":"file:///etc"}}""", "has more under 'training'")]
    [InlineData("training", """{"seed":"x"}""", "seed must be")]
    [InlineData("more", "1", "is damaged")]
    public void Parse_WhatThisVersionDoesNotKnow_IsRefusedByName(string key, string value, string said)
    {
        var document = JsonNode.Parse(s_meaning.ToJson())!;
        document[key] = JsonNode.Parse(value);

        var error = Assert.Throws<CheckpointInvalidException>(() => WeightsMeaning.Parse(document.ToJsonString(), "w.pth"));

        Assert.StartsWith("w.pth: what it says of itself (its key 'changedetection') ", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyChange_IsAMeaningOrRefused_NeverAnotherError()
    {
        var json = Encoding.UTF8.GetBytes(s_meaning.ToJson());
        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, cut) =>
        {
            var changed = json[..^cut];
            changed[Math.Min(at, changed.Length - 1)] = value;
            try
            {
                WeightsMeaning.Parse(Encoding.UTF8.GetString(changed), "w");
            }
            catch (CheckpointInvalidException)
            {
            }
        }, iter: 2000);
    }

    [Fact]
    public async Task Verify_AnExportBesideTheManifestOfItsCheckpoint_AgreesByTheStoredHash()
    {
        using var folder = new TemporaryFolder();
        var stored = await StoredAsync();
        var entry = new CheckpointFileEntry(stored.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stored)));
        await File.WriteAllBytesAsync(folder[CheckpointManifest.WeightsFile], await SafetensorsAsync(stored), Token);
        await File.WriteAllBytesAsync(folder[CheckpointManifest.FileName], (Manifest() with
        {
            Files = new Dictionary<string, CheckpointFileEntry> { [CheckpointManifest.WeightsFile] = entry },
        }).ToJson(), Token);

        var found = await CheckpointFile.VerifyAsync(folder[CheckpointManifest.WeightsFile], Token);

        Assert.NotNull(found.Manifest);
        Assert.Equal(entry.Sha256, found.WeightsSha256);
        Assert.NotEqual(entry.Sha256, found.Sha256);
    }

    [Fact]
    public async Task Read_WhatComputes_IsNamedWithTheLineThatHelps()
    {
        var network = new NetworkExport(new CheckpointModel("fc-ef", 3), s_meaning.Normalization, new Dictionary<string, TensorData>());
        Assert.Contains("conv11", (await Assert.ThrowsAsync<CheckpointInvalidException>(
            () => OnnxFile.WriteAsync(Stream.Null, network, Token))).Message, StringComparison.Ordinal);
        byte[] onnx = [.. new ProtocolBuffer().Number(1, OwnExport.OnnxVersion).Text(2, OwnExport.OnnxProducer).Raw(7, new byte[40]).Bytes.Span];

        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => ReadAsync(onnx));

        Assert.Contains("a file of ONNX", error.Message, StringComparison.Ordinal);
        Assert.Contains("changedetection checkpoint get RUN --out weights.safetensors", error.Message, StringComparison.Ordinal);
    }

    /// <summary>PyTorch passes over the record: a plain state dictionary, which a strict load takes.</summary>
    [Fact]
    [Needs(Resource.Processes)]
    public async Task Export_AsPth_IsAPlainStateDictionaryToPyTorch()
    {
        using var folder = new TemporaryFolder();
        TensorData[] linear = [new("weight", TensorType.F32, [1, 2], new byte[8]), new("bias", TensorType.F32, [1], new byte[4])];
        await using (var file = File.Create(folder["linear.pth"]))
            await PyTorchFile.WriteAsync(file, linear, Token, s_meaning);

        var said = await PyTorchPython.RunOrSkipAsync(
            """
            import sys, json, torch, zipfile
            for options in {'weights_only': True}, {'weights_only': False}:
                state = torch.load(sys.argv[1], **options)
                print(type(state).__name__, sorted(state), torch.nn.Linear(2, 1).load_state_dict(state, strict=True))
            print(json.loads(zipfile.ZipFile(sys.argv[1]).read('archive/changedetection.json'))['network']['name'])
            """, folder["linear.pth"]);

        Assert.Equal(
            [.. Enumerable.Repeat("OrderedDict ['bias', 'weight'] <All keys matched successfully>", 2), "siamese-fcnn"],
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<byte[]> StoredAsync()
    {
        using var file = new MemoryStream();
        await Safetensors.WriteAsync(file, s_tensors, Token);
        return file.ToArray();
    }

    private static async Task<byte[]> SafetensorsAsync(byte[] stored)
    {
        using var file = new MemoryStream();
        await Safetensors.ExportAsync(new MemoryStream(stored), file, s_meaning, "stored", Token);
        return file.ToArray();
    }

    private static async Task<byte[]> PthAsync()
    {
        using var file = new MemoryStream();
        await PyTorchFile.WriteAsync(file, s_tensors, Token, s_meaning);
        return file.ToArray();
    }

    private static Task<WeightsFile> ReadAsync(byte[] file) => WeightsReader.ReadAsync(new MemoryStream(file), file.Length, "file", Token);

    private static ExperimentConfig Config() => ExperimentConfigReader.Read(
        """
        name: x
        seed: 7
        dataset: { uri: /d, train: { split: first } }
        model: { name: siamese-fcnn, channels: 2, classes: 3, activation: relu }
        loss: { name: focal }
        train: { batch_size: 4 }
        resources: { threads: 3 }
        """, "x.yaml", "/");

    private static CheckpointManifest Manifest() => new()
    {
        Format = 1,
        Run = new Guid("0198c0de-0000-7000-8000-000000000003"),
        Attempt = 2,
        Epoch = 1,
        Step = 10,
        Position = 4,
        ConfigDigest = "d",
        Model = CheckpointModel.Of(Config().Model),
        Normalization = new CheckpointNormalization("dataset", [90.25, 0.1], [40, 1e-7]),
        Pixels = new CheckpointPixels("uint8", [new(0, 1, 2, 3), new(0, 1, 2, 3)]),
        Mask = new CheckpointMask { Unit = "number", Ignore = "255", Classes = [new("none", "0")] },
        Files = new Dictionary<string, CheckpointFileEntry>(),
        State = new RunningState(1.5, 2, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10.0", 2, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };
}
