using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ValueRescalingTests
{
    [Theory]
    [InlineData("0..10000=0..255", 10000, 255)]
    [InlineData("0..10000=0..255", 5000, 127.5)]
    [InlineData(" -0.5 .. 1.5 = 0 .. 200 ", 0.5, 100)]
    [InlineData("0..1e4=0..1", 20000, 2)]
    public void TryParse_TwoIntervals_MapsEndsOntoEnds_AndGoesOnBeyond(string text, double value, double mapped) =>
        Assert.Equal(mapped, ValueRescaling.TryParse(text)!.Map(value), 9);

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("0..10000")]
    [InlineData("0..10000=0..255=1")]
    [InlineData("0-10000=0-255")]
    [InlineData("0..10000=255..0")]
    [InlineData("5..5=0..255")]
    [InlineData("0..nan=0..255")]
    [InlineData("0..1e999=0..255")]
    [InlineData("-1e308..1e308=0..255")]
    [InlineData("0..1e-308=0..1e308")]
    [InlineData("0..10,000=0..255")]
    [InlineData("..10=0..255")]
    [InlineData("0...5...=0..1")]
    public void TryParse_AnythingElse_IsNull(string text) => Assert.Null(ValueRescaling.TryParse(text));

    [Fact]
    public void TryParse_AnyText_IsARescalingThatReadsBackAndRises_OrNull() =>
        Gen.String[Gen.OneOf("0123456789..==-e ".ToCharArray()), 0, 20].Sample(text =>
        {
            if (ValueRescaling.TryParse(text) is not { } rescaling)
                return;
            Assert.Equal(rescaling, ValueRescaling.TryParse(rescaling.ToString()));
            Assert.True(rescaling.Map(rescaling.FromLow) <= rescaling.Map(rescaling.FromHigh));
        }, iter: 20_000, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void TryParse_AnyTwoIntervals_ReadBackAsTheyAre() =>
        Gen.Select(Gen.Double[-1e9, 1e9], Gen.Double[1e-3, 1e9], Gen.Double[-1e9, 1e9], Gen.Double[1e-3, 1e9]).Sample((from, width, to, height) =>
        {
            var text = FormattableString.Invariant($"{from}..{from + width}={to}..{to + height}");
            var rescaling = ValueRescaling.TryParse(text)!;
            Assert.Equal((from, from + width, to, to + height), (rescaling.FromLow, rescaling.FromHigh, rescaling.ToLow, rescaling.ToHigh));
            Assert.Equal(text, rescaling.ToString());
            Assert.Equal(to, rescaling.Map(from));
        }, iter: 2000, seed: "0N0XIzNsQ0O2");

    /// <summary>Runs that were queued by a program that knew neither.</summary>
    [Fact]
    public void Request_WithoutRescalingAndWarnings_IsReadAndWrittenAsBefore()
    {
        const string Queued =
            """
            {"checkpoint":{"prefix":"runs/a","manifest_sha256":"b","epoch":1,"step":2},"before":{"name":"a.tif","file":"/a.tif","key":null,"bytes":1,
            "sha256":"c"},"after":{"name":"b.tif","file":"/b.tif","key":null,"bytes":1,"sha256":"d"}}
            """;
        var request = PredictionRequest.FromJson(Queued);

        Assert.Equal((null, null, "auto"), (request.Rescale, request.Warnings, request.Alpha));
        Assert.DoesNotContain("rescale", request.ToJson(), StringComparison.Ordinal);
        var changed = PredictionRequest.FromJson((request with { Rescale = "0..1=0..255", Warnings = ["odd"] }).ToJson());
        Assert.Equal(("0..1=0..255", "odd"), (changed.Rescale, changed.Warnings![0]));
        Assert.Contains(
            "rescale is '1'", Assert.Throws<PredictionRequestException>(() => PredictionRequest.FromJson((request with { Rescale = "1" }).ToJson())).Message,
            StringComparison.Ordinal);
    }
}
