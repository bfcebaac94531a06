using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Datasets.Compatibility;

namespace ChangeDetection.Datasets.Tests.Compatibility;

public sealed class ValueDistanceTests
{
    private static readonly ValueRange s_trained = new(0, 20, 220, 255);

    [Theory]
    [InlineData(20, 220, false)]
    [InlineData(60, 100, false)] // A quiet scene.
    [InlineData(0, 255, false)]
    [InlineData(0, 140, false)] // A dark one, half of which is known.
    [InlineData(150, 255, false)]
    [InlineData(0, 30, true)]
    [InlineData(200, 255, true)]
    [InlineData(0, 10000, true)] // Other units, the trained range within.
    [InlineData(300, 320, true)]
    [InlineData(30, 31, true)] // A scale of 0 to 1, within the trained range.
    [InlineData(50, 50, true)]
    public void IsFar_OfABand_GoesByWhatTheTrainingHasSeen(double low, double high, bool isFar) =>
        Assert.Equal(isFar, ValueDistance.IsFar(new(low, low, high, high), s_trained));

    [Fact]
    public void IsFar_OfItself_IsNever() => Assert.All(
        (ValueRange[])[s_trained, new(7, 7, 7, 7), new(-1, -1, 0, 0), new(0, 0, 1e-9, 1)], range => Assert.False(ValueDistance.IsFar(range, range)));

    [Fact]
    public void Warning_NamesBandsAndRanges_AndIsNullWhereTheyDoNotMatter()
    {
        var manifest = Manifest("unit");
        var shown = (ValueRange[])[s_trained, new(0, 0, 10000, 12000)];

        var warning = ValueDistance.Warning("b.tif", shown, manifest, "Look.");

        Assert.StartsWith("b.tif: values lie far off", warning, StringComparison.Ordinal);
        Assert.EndsWith("band 2 from 0 to 10000, trained 20 to 220. Look.", warning, StringComparison.Ordinal);
        Assert.Null(ValueDistance.Warning("b.tif", [s_trained, s_trained], manifest, "Look."));
        Assert.Null(ValueDistance.Warning("b.tif", shown, Manifest("image"), "Look."));
        Assert.Null(ValueDistance.Warning("b.tif", shown, manifest with { Pixels = null }, "Look."));
        Assert.Null(ValueDistance.Warning("b.tif", null, manifest, "Look."));
    }

    private static CheckpointManifest Manifest(string normalization) => new()
    {
        Format = CheckpointManifest.CurrentFormat,
        Run = Guid.Empty,
        Attempt = 1,
        Epoch = 1,
        Step = 1,
        Position = 0,
        ConfigDigest = "digest",
        Model = new CheckpointModel("fc-ef", 2),
        Normalization = new CheckpointNormalization(normalization, null, null),
        Pixels = new CheckpointPixels("uint8", [s_trained, s_trained]),
        Files = new Dictionary<string, CheckpointFileEntry>(),
        State = new RunningState(0, 0, null),
        Metrics = new Dictionary<string, double>(),
        Numerics = new Numerics("2.10", 1, "avx2", "cpu"),
        WrittenAt = DateTimeOffset.UnixEpoch,
    };
}
