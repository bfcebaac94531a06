using System.Text;
using ChangeDetection.Datasets.Shards;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

public sealed class SampleKeyTests
{
    private static readonly string[] s_hostile = ["CON", "..", "-rf", "nul.png", "../../etc/passwd", ""];

    [Fact]
    public void FromPath_AnyText_IsAKeyOfAtMost80Bytes() =>
        Gen.OneOf(
            Gen.String, Gen.String[Gen.Char["abz./-_ \\%~é東п🏠"], 0, 200], Gen.Int[0, s_hostile.Length - 1].Select(text => s_hostile[text])).Sample(path =>
        {
            foreach (var key in new[] { SampleKey.FromPath(path), SampleKey.WithHash(path) })
            {
                Assert.Null(SampleKey.Violation(key));
                Assert.InRange(Encoding.UTF8.GetByteCount(key), 1, SampleKey.MaxBytes);
                Assert.DoesNotContain('/', key);
            }
        }, iter: 5_000);

    [Theory]
    [InlineData("00001", "00001")]
    [InlineData("Szada/1", "Szada_1")]
    [InlineData("img.v2.final", "img_v2_final")]
    [InlineData("Szada/1@0,0,784,448", "Szada_1_0_0_784_448")]
    [InlineData("-rf", "_-rf")]
    [InlineData("CON", "_CON")]
    [InlineData("東京/新宿 01", "東京_新宿_01")]
    [InlineData("Мосвка-№7", "Мосвка-_7")]
    [InlineData("naïve.v2", "naïve_v2")]
    [InlineData("a\u202eb", "a_b")]
    [InlineData("🏠1", "__1")]
    public void FromPath_ReplacesWhatAKeyMustNotHave(string path, string key) => Assert.Equal(key, SampleKey.FromPath(path));

    [Fact]
    public void FromPath_ALongNameOfAnotherScript_IsCutBetweenItsCharacters()
    {
        var key = SampleKey.FromPath(string.Concat(Enumerable.Repeat("東", 100)));
        Assert.StartsWith("東東", key);
        Assert.InRange(Encoding.UTF8.GetByteCount(key), SampleKey.MaxBytes - 2, SampleKey.MaxBytes);
    }

    [Theory]
    [InlineData("東京", "__")]
    [InlineData("Szada", "Szada")]
    public void AsciiFromPath_IsWhatADataSetMayBeCalled(string folder, string name) => Assert.Equal(name, SampleKey.AsciiFromPath(folder));

    [Theory]
    [InlineData("a\u202eb")]
    [InlineData("a b")]
    [InlineData("-東")]
    [InlineData("\ud800")]
    public void Violation_OfWhatIsNoLetter_IsSaid(string key) => Assert.NotNull(SampleKey.Violation(key));

    [Fact]
    public void FromPath_LongPathsThatBeginAlike_StayApart() =>
        Assert.NotEqual(SampleKey.FromPath(new string('a', 300) + "1"), SampleKey.FromPath(new string('a', 300) + "2"));
}
