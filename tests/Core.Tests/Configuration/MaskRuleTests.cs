using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class MaskRuleTests
{
    [Theory]
    [InlineData(">0", "> 0", 255)]
    [InlineData(" >=  2 ", ">= 2", 254)]
    [InlineData("< 3", "< 3", 3)]
    [InlineData("<=3", "<= 3", 4)]
    [InlineData("= 7", "= 7", 1)]
    [InlineData("==7", "== 7", 1)]
    [InlineData("!= 0", "!= 0", 255)]
    [InlineData("1", "1", 1)]
    [InlineData("1, 3 ,5 - 7", "1,3,5-7", 5)]
    [InlineData("0-255", "0-255", 256)]
    public void TryParse_ARule_HasItsValuesAndOneSpelling(string text, string canonical, int count)
    {
        var rule = MaskRule.TryParse(text)!;
        Assert.Equal(canonical, rule.ToString());
        Assert.Equal(rule, MaskRule.TryParse(canonical));
        Assert.Equal(rule.GetHashCode(), MaskRule.TryParse(canonical)!.GetHashCode());
        Assert.Equal(count, Enumerable.Range(0, 256).Count(value => rule.Matches((byte)value)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("> ")]
    [InlineData("=> 1")]
    [InlineData("1,")]
    [InlineData("7-5")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("> 0, 3")]
    [InlineData("1-2-3")]
    [InlineData("red")]
    [InlineData("9223372036854775808")]
    [InlineData("> 9223372036854775807")]
    [InlineData("#ff00")]
    [InlineData("#ff0000-#ffff00")]
    [InlineData("#ff0000,3")]
    public void TryParse_NoRuleOrOneThatNothingKeeps_IsNull(string text) => Assert.Null(MaskRule.TryParse(text));

    [Theory]
    [InlineData("> 65535", 70000, true)]
    [InlineData("-9999", -9999, true)]
    [InlineData("-5--3", -4, true)]
    [InlineData("-5--3", -2, false)]
    [InlineData("< 0", -1, true)]
    [InlineData("<= -9223372036854775808", long.MinValue, true)]
    [InlineData("!= 0", -1, true)]
    [InlineData("#ff8000", 0xFF8000, true)]
    [InlineData("#FF8000,#000001", 1, true)]
    public void TryParse_ARuleOfWideValuesOrColours_Matches(string text, long value, bool matches)
    {
        var rule = MaskRule.TryParse(text)!;
        Assert.Equal(matches, rule.Matches(value));
        Assert.Equal(rule, MaskRule.TryParse(rule.Text));
        Assert.Equal(text.StartsWith('#'), rule.IsOfColours);
    }

    [Theory]
    [InlineData("> 0", "1", 1L)]
    [InlineData("1-3,9", "3-8", 3L)]
    [InlineData("1,2", "3", null)]
    [InlineData("!= 5", "5", null)]
    public void InCommonWith_Another_IsAValueOfBoth(string one, string other, long? both) =>
        Assert.Equal(both, MaskRule.TryParse(one)!.InCommonWith(MaskRule.TryParse(other)!));

    [Theory]
    [InlineData("> 255")]
    [InlineData("< 0")]
    [InlineData("256")]
    [InlineData("-1")]
    [InlineData("#0000ff")]
    public void TryParseOfClasses_NumbersThatNoClassHas_IsNull(string text) => Assert.Null(MaskRule.TryParseOfClasses(text));

    [Fact]
    public void TryParse_AnyText_IsARuleThatReadsBackOrNull() => Gen.String[Gen.OneOf("0123456789<>=!,- x#af".ToCharArray()), 0, 12].Sample(text =>
    {
        if (MaskRule.TryParse(text) is not { } rule)
            return;
        var again = MaskRule.TryParse(rule.Text)!;
        Assert.Equal(rule.Text, again.Text);
        Assert.All(Enumerable.Range(0, 256), value => Assert.Equal(rule.Matches((byte)value), again.Matches((byte)value)));
    }, iter: 2000, seed: "0N0XIzNsQ0O2");

    [Theory]
    [InlineData("\"> 0\"", "> 0")]
    [InlineData("[1, 3]", "1,3")]
    [InlineData("2", "2")]
    [InlineData("1-3", "1-3")]
    [InlineData("auto", null)]
    public void Read_MaskChange_TakesComparisonsAndValues(string written, string? rule)
        => Assert.Equal(rule, Texts.Read($"name: x\ndataset: {{ uri: /d, mask: {{ change: {written} }} }}").Dataset.Mask.Change?.Text);

    [Theory]
    [InlineData("[]")]
    [InlineData("[a]")]
    [InlineData("[1.5]")]
    [InlineData("300")]
    [InlineData("building")]
    [InlineData("{ a: 1 }")]
    public void Read_MaskChangeThatIsNone_IsRefusedWithItsForm(string written)
    {
        var error = Texts.OnlyError($"name: x\ndataset: {{ uri: /d, mask: {{ change: {written} }} }}");
        Assert.Equal("dataset.mask.change", error.Path);
        Assert.Contains("must be auto, a comparison such as > 0", error.Message, StringComparison.Ordinal);
    }
}
