using ChangeDetection.Core.Configuration.Schema;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void Distance_KnownPairs_CountsSlips(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestName.Distance(a, b));
    }

    [Fact]
    public void Distance_AnyWords_IsSymmetricAndZeroOnlyForEqualOnes()
    {
        var word = Gen.String[Gen.Char['a', 'c'], 0, 6];
        Gen.Select(word, word).Sample((a, b) =>
            NearestName.Distance(a, b) == NearestName.Distance(b, a) && NearestName.Distance(a, b) == 0 == (a == b));
    }

    [Fact]
    public void Find_NothingNear_GivesNothing()
    {
        Assert.Null(NearestName.Find("zebra", ["epochs", "batch_size"]));
        Assert.Null(NearestName.Find(new string('e', 1_000_000), ["epochs"]));
    }
}
