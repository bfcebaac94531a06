using System.Text;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Core.Tests.Checkpoints;

public sealed class CheckpointPixelsTests
{
    private static readonly CheckpointManifest s_manifest = new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = Guid.Empty,
        Attempt = 1,
        Epoch = 1,
        Step = 12,
        Position = 0,
        ConfigDigest = "digest",
        Model = new CheckpointModel("fc-ef", 2),
        Normalization = new CheckpointNormalization("unit", null, null),
        Files = new Dictionary<string, CheckpointFileEntry>(),
        State = new RunningState(0, 0, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10", 1, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void Parse_AManifestThatDoesNotSay_IsReadAsBefore()
    {
        Assert.DoesNotContain("pixels", Encoding.UTF8.GetString(s_manifest.ToJson()), StringComparison.Ordinal);
        Assert.Null(CheckpointManifest.Parse(s_manifest.ToJson(), "it").Pixels);
    }

    [Fact]
    public void Parse_WhatWasWritten_IsTheSame()
    {
        var pixels = new CheckpointPixels("uint16", [new(0, 1.5, 3, 4), new(-1, -1, 9, 65535)]);

        var read = CheckpointManifest.Parse((s_manifest with { Pixels = pixels }).ToJson(), "it").Pixels!;

        Assert.Equal(pixels.Type, read.Type);
        Assert.Equal(pixels.Ranges, read.Ranges);
        Assert.Null(CheckpointManifest.Parse((s_manifest with { Pixels = new("uint8", null) }).ToJson(), "it").Pixels!.Ranges);
    }

    [Theory]
    [InlineData("uint9", 0, 1, 2, 3, 2, "pixel type 'uint9'")]
    [InlineData("uint8", 0, 1, 2, 3, 1, "one range")]
    [InlineData("uint8", 0, 2, 1, 3, 2, "ascending")]
    public void Parse_WhatCannotBe_IsRefused(string type, double minimum, double low, double high, double maximum, int count, string said)
    {
        var pixels = new CheckpointPixels(type, [.. Enumerable.Repeat(new ValueRange(minimum, low, high, maximum), count)]);

        var error = Assert.Throws<CheckpointInvalidException>(() => CheckpointManifest.Parse((s_manifest with { Pixels = pixels }).ToJson(), "it"));

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }
}
