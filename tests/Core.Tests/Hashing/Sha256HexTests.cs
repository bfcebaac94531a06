using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.Hashing;
using CsCheck;

namespace ChangeDetection.Core.Tests.Hashing;

public sealed class Sha256HexTests
{
    /// <summary>The first example of FIPS 180-4's companion document.</summary>
    [Fact]
    public void Of_AbC_IsTheStandards() => Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256Hex.Of("abc"));

    [Fact]
    public void Of_TheSameBytes_IsTheSameWhicheverWayTheyCome() => Gen.Byte.Array[0, 300].Array[0, 5].Sample(pieces =>
    {
        var bytes = pieces.SelectMany(piece => piece).ToArray();
        using var hash = Sha256Hex.Begin();
        foreach (var piece in pieces)
            hash.AppendData(piece);
        string[] hashes =
        [
            Sha256Hex.Of(bytes), Sha256Hex.OfAsync(new MemoryStream(bytes), CancellationToken.None).Result, Sha256Hex.End(hash),
        ];
        Assert.All(hashes, found => Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant(), found));
    });

    [Fact]
    public void Of_AText_IsOfItsUtf8() => Assert.Equal(Sha256Hex.Of(Encoding.UTF8.GetBytes("Żółć")), Sha256Hex.Of("Żółć"));
}
