using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Weights;

namespace ChangeDetection.Scheduler.Tests.Cli;

[Needs(Resource.Database, Resource.Processes)]
public sealed class CheckpointVerbTests(PostgresServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_DamagedFile_FailsNamingFileAndRule()
    {
        await File.WriteAllBytesAsync(_folder["cut.safetensors"], (await WeightsAsync())[..^3], CancellationToken.None);
        (await VerbRun.OfAsync("checkpoint", "verify", _folder["cut.safetensors"])).Refused(1, _folder["cut.safetensors"]);
    }

    [Fact]
    public async Task Verify_PickleOfAnotherFramework_IsRefused()
    {
        await File.WriteAllBytesAsync(_folder["model.pt"], [0x80, 2, .. "cposix\nsystem\n"u8, .. new byte[64]], CancellationToken.None);
        (await VerbRun.OfAsync("checkpoint", "verify", _folder["model.pt"])).Refused(1, _folder["model.pt"]);
    }

    [Fact]
    public async Task Verify_FileThatIsNotThere_IsAWrongCommand() =>
        (await VerbRun.OfAsync("checkpoint", "verify", _folder["no.safetensors"])).Refused(
            2, $"There is no file '{_folder["no.safetensors"]}'", "checkpoint get");

    [Fact]
    public async Task Import_PickleThatRunsCode_IsAWrongCommand_BeforeAnythingIsStored()
    {
        await using (var stream = File.Create(_folder["evil.pth"]))
        {
            using var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create);
            await using var record = await zip.CreateEntry(
                "archive/data.pkl", System.IO.Compression.CompressionLevel.NoCompression).OpenAsync(CancellationToken.None);
            await record.WriteAsync(System.Text.Encoding.Latin1.GetBytes("cposix\nsystem\n(X\u0004\0\0\0exittR."), CancellationToken.None);
        }
        (await VerbRun.OfAsync("checkpoint", "import", _folder["evil.pth"], "--model", "fc-siam-diff", "--data-dir", _folder["data"]))
            .Refused(2, $"{_folder["evil.pth"]}: it asks for the global posix.system: only tensors are read; nothing was executed");
        (await VerbRun.OfAsync("checkpoint", "verify", _folder["evil.pth"])).Refused(1, "posix.system");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task Import_FileThatIsNotThere_IsAWrongCommand() =>
        (await VerbRun.OfAsync("checkpoint", "import", _folder["no.pth"], "--model", "fc-siam-diff")).Refused(2, $"There is no file '{_folder["no.pth"]}'");

    [Fact]
    public async Task Get_AsPth_IsTheSameTensorsInPyTorchsFormat()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, weights) = await PublishAsync(database);

        (await GetAsync(database, run, "--format", "pth")).Succeeded();

        await using var stored = new MemoryStream(weights);
        var expected = await Safetensors.ReadAsync(stored, weights.Length, "stored", CancellationToken.None);
        await using var file = File.OpenRead(_folder["out/best.safetensors"]);
        var fetched = (await WeightsReader.ReadAsync(file, file.Length, "fetched", CancellationToken.None)).Tensors;
        Assert.Equal(expected.Keys, fetched.Keys);
        Assert.All(expected.Values, tensor => Assert.True(tensor.Bytes.Span.SequenceEqual(fetched[tensor.Name].Bytes.Span)));
        Assert.Single(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public async Task Get_FormatThatIsNone_IsAWrongCommand() =>
        (await VerbRun.OfAsync("checkpoint", "get", Guid.Empty.ToString(), "--out", "x", "--format", "keras"))
            .Refused(2, "'keras' is none of safetensors, pth, torchscript, onnx");

    [Fact]
    public async Task Get_IntactObject_IsWrittenWholeAndVerified()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, weights) = await PublishAsync(database);

        var fetched = await GetAsync(database, run);

        var file = await File.ReadAllBytesAsync(_folder["out/best.safetensors"], CancellationToken.None);
        Assert.Contains(
            $"  sha256 {Convert.ToHexStringLower(SHA256.HashData(file))}  weights sha256 {Convert.ToHexStringLower(SHA256.HashData(weights))}",
            fetched.Succeeded(), StringComparison.Ordinal);
        var found = await CheckpointFile.VerifyAsync(_folder["out/best.safetensors"], CancellationToken.None);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(weights)), found.WeightsSha256);
        Assert.Equal(("fc-siam-diff", "image"), (found.Contents.Meaning!.Network.Name, found.Contents.Meaning.Normalization.Kind));
        Assert.Single(Directory.GetFiles(_folder["out"]));
        Assert.Contains(
            "; fc-siam-diff, 3 channels, normalize image",
            (await VerbRun.OfAsync("checkpoint", "verify", _folder["out/best.safetensors"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OntoAFileThatIsThere_IsAWrongCommand_UnlessForced()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, _) = await PublishAsync(database);
        _folder.Write("out/best.safetensors", "mine");

        var refused = await GetAsync(database, run);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("exists already, and was left as it is", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out/best.safetensors"], CancellationToken.None));

        (await GetAsync(database, run, "--force")).Succeeded();
        await CheckpointFile.VerifyAsync(_folder["out/best.safetensors"], CancellationToken.None);
    }

    [Fact]
    public async Task Get_TakesTheFormatFromTheFilesEnding()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, _) = await PublishAsync(database);

        (await GetAsync(database, run, "best.pth")).Succeeded();
        (await GetAsync(database, run, "BEST")).Succeeded();
        var refused = await GetAsync(database, run, "best.keras");

        Assert.Equal("PK"u8.ToArray(), (await File.ReadAllBytesAsync(_folder["out/best.pth"], CancellationToken.None))[..2]);
        await CheckpointFile.VerifyAsync(_folder["out/BEST"], CancellationToken.None);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(".safetensors (safetensors), .pth (pth), .pt (torchscript), .onnx (onnx)", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_DamagedObject_FailsAndLeavesNoFile()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, weights) = await PublishAsync(database);
        weights[^1] ^= 1;
        await File.WriteAllBytesAsync(StoredWeights(run), weights, CancellationToken.None);

        await FailsAsync(database, run, "but", "was published; the stored object is damaged. Fetch another step.");
    }

    [Fact]
    public async Task Get_ObjectThatIsGone_FailsAndLeavesNoFile()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, _) = await PublishAsync(database);
        File.Delete(StoredWeights(run));

        await FailsAsync(database, run, "the object is gone from", "Fetch another step", "CHANGEDETECTION_STORE");
    }

    [Fact]
    public async Task Get_IntoAFolderThatDoesNotExist_IsAWrongCommand() =>
        (await VerbRun.OfAsync("checkpoint", "get", Guid.Empty.ToString(), "--out", _folder["no/best.safetensors"]))
            .Refused(2, "--out", "its folder does not exist");

    [Fact]
    public async Task Get_RunWithoutACheckpoint_FailsAndSaysWhereToLook()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];

        await FailsAsync(database, run, $"Run {run} has no such checkpoint", "changedetection checkpoint list");
    }

    private static string Prefix(Guid run) => $"runs/{run}/checkpoints/1";

    private string StoredWeights(Guid run) => _folder[$"store/{Prefix(run)}/{CheckpointManifest.WeightsFile}"];

    private static async Task<byte[]> WeightsAsync()
    {
        using var file = new MemoryStream();
        await Safetensors.WriteAsync(file, [new TensorData("conv.weight", TensorType.F32, [4], new byte[16])], CancellationToken.None);
        return file.ToArray();
    }

    private async Task<(Guid Run, byte[] Weights)> PublishAsync(TestDatabase database)
    {
        var run = (await Experiments.SubmitAsync(database))[0];
        var weights = await WeightsAsync();
        var (store, manifest) = (new FileObjectStore(_folder["store"]), Manifest(run, weights).ToJson());
        foreach (var (name, bytes) in new[] { (CheckpointManifest.WeightsFile, weights), (CheckpointManifest.FileName, manifest) })
            await store.PutAsync(
                new ObjectKey(Prefix(run)) / name, async (stream, token) => await stream.WriteAsync(bytes, token), CancellationToken.None);
        var claim = await new LeaseStore(database.DataSource, new LeaseSettings()).ClaimAsync(
            run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None);
        await using var fence = await FencedTransaction.BeginAsync(database.DataSource, claim!, CancellationToken.None);
        await CheckpointStore.AddAsync(fence, new CheckpointRecord
        {
            Step = 1,
            Epoch = 1,
            Prefix = Prefix(run),
            WeightsSha256 = Convert.ToHexStringLower(SHA256.HashData(weights)),
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(manifest)),
            Bytes = weights.Length,
            Best = true,
        }, CancellationToken.None);
        await fence.CommitAsync(CancellationToken.None);
        return (run, weights);
    }

    private static CheckpointManifest Manifest(Guid run, byte[] weights) => new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = run,
        Attempt = 1,
        Epoch = 1,
        Step = 1,
        Position = 0,
        ConfigDigest = "digest",
        Model = new CheckpointModel("fc-siam-diff", 3),
        Normalization = new CheckpointNormalization("image", null, null),
        Files = new Dictionary<string, CheckpointFileEntry>
        {
            [CheckpointManifest.WeightsFile] = new(weights.Length, Convert.ToHexStringLower(SHA256.HashData(weights))),
        },
        State = new RunningState(0, 0, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10.0", 1, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };

    private async Task FailsAsync(TestDatabase database, Guid run, params string[] said)
    {
        var fetched = await GetAsync(database, run);
        Assert.Equal((1, ""), (fetched.ExitCode, fetched.Output));
        Assert.All(said, part => Assert.Contains(part, fetched.Errors, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["out"]));
    }

    private Task<CommandRun> GetAsync(TestDatabase database, Guid run, params string[] more)
    {
        Directory.CreateDirectory(_folder["out"]);
        var name = more is [var first, ..] && !first.StartsWith('-') ? first : null;
        string[] options = name is null ? more : more[1..];
        var path = _folder[$"out/{name ?? "best.safetensors"}"];
        return CommandRun.OfAsync(["checkpoint", "get", run.ToString(), "--out", path, .. options], new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(_folder["store"]).AbsoluteUri,
        });
    }
}
