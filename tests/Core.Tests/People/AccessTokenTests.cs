using ChangeDetection.Core.People;
using CsCheck;

namespace ChangeDetection.Core.Tests.People;

public sealed class AccessTokenTests
{
    private const string Token = "cdt_0123456789abcdefghijABCDEFGHIJ-_0123456789a";

    [Fact]
    public void Create_Twice_GivesTokensThatAreWellFormedAndDiffer()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => AccessToken.Create()).ToHashSet();

        Assert.Equal(100, tokens.Count);
        Assert.All(tokens, token => Assert.True(AccessToken.IsWellFormed(token)));
        Assert.All(tokens, token => Assert.Matches(@"\Acdt_[A-Za-z0-9_-]{43}\z", token));
    }

    [Fact]
    public void IsWellFormed_OfAnyOtherText_IsFalse() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => $"cdt_{text}"), Gen.Int[0, 46].Select(at => Token.Remove(at, 1)))
            .Sample(text => !AccessToken.IsWellFormed(text) || text is ['c', 'd', 't', '_', ..] && text.Length == 47);

    [Theory]
    [InlineData("http://127.0.0.1:5080/", "", "http://127.0.0.1:5080/?token=abc-_1")]
    [InlineData("http://127.0.0.1:5080/", "runs/7", "http://127.0.0.1:5080/runs/7?token=abc-_1")]
    [InlineData("https://changes.example.org/", "", "https://changes.example.org/?token=abc-_1")]
    public void Signed_AnAddress_IsOneUri(string address, string path, string expected) =>
        Assert.Equal(expected, DashboardAddress.Signed(new Uri(address), "abc-_1", path).AbsoluteUri);

    [Fact]
    public void Announce_WithATokenThatWasGiven_DoesNotPrintIt_AndIsReadAgain()
    {
        var address = new Uri("http://127.0.0.1:5080/");
        var line = DashboardAddress.Announce(address, "secret", isGiven: true);

        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.Equal((address, true), DashboardAddress.Read(line));
        Assert.Equal((address, false), DashboardAddress.Read(DashboardAddress.Announce(address, null, isGiven: true)));
        Assert.Equal("dashboard: http://127.0.0.1:5080/?token=secret", DashboardAddress.Announce(address, "secret", isGiven: false));
        Assert.Null(DashboardAddress.Read("something else"));
    }
}
