using ChangeDetection.Core.Checkpoints;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Tests.Tensors;

public sealed class CheckpointFileTests
{
    private static readonly TensorData s_tensor = new("a", TensorType.F32, [3], new byte[12]);

    [Fact]
    public async Task Verify_IntactFile_TellsWhatItHolds()
    {
        using var folder = new TemporaryFolder();
        var path = await WriteAsync(folder, s_tensor);

        var verified = await CheckpointFile.VerifyAsync(path, CancellationToken.None);

        Assert.Equal((1, 3L, new FileInfo(path).Length), (verified.Tensors, verified.Values, verified.Bytes));
        Assert.Null(verified.Manifest);
    }

    [Fact]
    public async Task Verify_NotFinite_NamesTensorAndValue()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[12];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), float.NaN);
        var path = await WriteAsync(folder, s_tensor with { Bytes = bytes });

        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => CheckpointFile.VerifyAsync(path, CancellationToken.None));
        Assert.Contains("'a' is not finite at value 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_ManifestBeside_HasToAgree()
    {
        using var folder = new TemporaryFolder();
        var path = await WriteAsync(folder, s_tensor);
        var verified = await CheckpointFile.VerifyAsync(path, CancellationToken.None);
        await File.WriteAllBytesAsync(
            folder["manifest.json"], Manifest(new CheckpointFileEntry(verified.Bytes, verified.Sha256)).ToJson(), CancellationToken.None);
        Assert.NotNull((await CheckpointFile.VerifyAsync(path, CancellationToken.None)).Manifest);

        await File.WriteAllBytesAsync(
            folder["manifest.json"], Manifest(new CheckpointFileEntry(verified.Bytes, new string('0', 64))).ToJson(), CancellationToken.None);
        var error = await Assert.ThrowsAsync<CheckpointInvalidException>(() => CheckpointFile.VerifyAsync(path, CancellationToken.None));
        Assert.Contains("fetch it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Manifest_ThereAndBack_IsTheSame()
    {
        var json = Manifest(new CheckpointFileEntry(7, "ab")).ToJson();

        Assert.Equal(json, CheckpointManifest.Parse(json, "m").ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":1}")]
    public void Manifest_NotOne_IsRefused(string json)
        => Assert.Throws<CheckpointInvalidException>(() => CheckpointManifest.Parse(System.Text.Encoding.UTF8.GetBytes(json), "m"));

    [Fact]
    public void Manifest_OfALaterFormat_IsRefusedSayingSo()
    {
        var json = (Manifest(new CheckpointFileEntry(7, "ab")) with { Format = 2 }).ToJson();

        Assert.Contains("format is 2", Assert.Throws<CheckpointInvalidException>(() => CheckpointManifest.Parse(json, "m")).Message, StringComparison.Ordinal);
    }

    private static CheckpointManifest Manifest(CheckpointFileEntry weights) => new()
    {
        Format = 1,
        Run = new Guid("0198c0de-0000-7000-8000-000000000003"),
        Attempt = 2,
        Epoch = 1,
        Step = 10,
        Position = 4,
        ConfigDigest = "d",
        Model = new CheckpointModel("fc-siam-diff", 3),
        Normalization = new CheckpointNormalization("dataset", [1, 2, 3], [4, 5, 6]),
        Files = new Dictionary<string, CheckpointFileEntry> { ["weights.safetensors"] = weights },
        State = new RunningState(1.5, 2, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10.0", 2, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task<string> WriteAsync(TemporaryFolder folder, TensorData tensor)
    {
        var path = folder["weights.safetensors"];
        await using var file = File.Create(path);
        await Safetensors.WriteAsync(file, [tensor], CancellationToken.None);
        return path;
    }
}
