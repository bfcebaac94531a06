using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Tests.Data.Order;

public sealed class PhiloxTests
{
    /// <summary>The known answers of Random123's own test (kat_vectors, philox4x32 10).</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Draw_KnownCounterAndKey_GivesTheReferenceAnswer(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d)
        => Assert.Equal((a, b, c, d), new Philox(k0, k1).Draw(c0, c1, c2, c3));

    [Fact]
    public void Draw_OtherSeedOrPurpose_GivesOtherNumbers()
    {
        var drawn = from seed in new long[] { 0, 1, Philox.MaxSeed }
            from purpose in Enum.GetValues<DrawPurpose>() select new Philox(seed, purpose).Draw(1, 2, 3, 4);
        Assert.Equal(drawn.Count(), drawn.Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Philox.MaxSeed + 1)]
    public void Construct_SeedOutOfRange_IsRefused(long seed)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new Philox(seed, DrawPurpose.Augmentation));
}
