using ChangeDetection.Core.Configuration;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

public sealed class AugmenterTests
{
    private const int Side = 120;
    private const int Crop = 24;

    private static readonly AugmentConfig s_everything = new() { SwapDates = true, Misregister = 2 };

    private static readonly Gen<PixelImage> s_masks =
        from left in Gen.Int[0, Side - 1]
        from top in Gen.Int[0, Side - 1]
        from side in Gen.Int[0, 20]
        select Mask(top, left, side);

    /// <summary>The first of the crops drawn in turn that has enough change; where none has, the first of those with the most.</summary>
    [Fact]
    public void Draw_WithLeastChange_ChoosesByTheMaskAlone() =>
        Gen.Select(s_masks, Gen.Double[0.001, 0.3], Gen.Int[0, 1_000_000]).Sample((mask, share, position) =>
    {
        var crops = Enumerable.Range(0, Augmenter.Tries).Select(
            attempt => GeometricAugmentation.Draw(7, 3, position, s_everything, Crop, Side, Side, attempt)).ToList();
        var changes = crops.Select(crop => MaskCrop.Count(mask, crop, LabelTable.Binary).Changed).ToList();
        var enough = changes.FindIndex(changed => changed >= share * Crop * Crop);

        var drawn = new Augmenter(7, 3, s_everything, Crop, share).Draw(position, Side, Side, crop => MaskCrop.Count(mask, crop, LabelTable.Binary));

        Assert.Equal(crops[enough >= 0 ? enough : changes.IndexOf(changes.Max())], drawn);
    }, iter: 300, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Draw_WithLeastChange_FindsARareChangeOftenerThanChanceDoes()
    {
        var mask = Mask(10, 10, 20);
        var (any, chosen) = (new Augmenter(7, 0, s_everything, Crop, null), new Augmenter(7, 0, s_everything, Crop, 0.01));
        int Hits(Augmenter augmenter) => Enumerable.Range(0, 500).Count(position =>
            MaskCrop.Count(
                mask, augmenter.Draw(position, Side, Side, crop => MaskCrop.Count(mask, crop, LabelTable.Binary))!.Value,
                LabelTable.Binary).Changed >= 0.01 * Crop * Crop);

        Assert.InRange(Hits(any), 30, 120);
        Assert.InRange(Hits(chosen), 350, 500);
    }

    [Fact]
    public void Draw_WithoutLeastChange_NeverAsksForTheMask()
        => Assert.Equal(
            GeometricAugmentation.Draw(7, 0, 3, s_everything, Crop, Side, Side),
            new Augmenter(7, 0, s_everything, Crop, null).Draw(3, Side, Side, _ => throw new InvalidOperationException("asked")));

    [Fact]
    public void Draw_MaskThatCannotBeRead_IsNoDraw()
        => Assert.Null(new Augmenter(7, 0, s_everything, Crop, 0.1).Draw(3, Side, Side, _ => null));

    [Fact]
    public void Changed_AnyCrop_CountsItsPixelsOneByOne() => Gen.Select(s_masks, Gen.Int[0, Side - Crop], Gen.Int[0, Side - Crop]).Sample((mask, top, left) =>
    {
        var expected = Enumerable.Range(0, Crop * Crop).Count(at => mask.Pixels[(top + at / Crop) * Side + left + at % Crop] != 0);
        Assert.Equal(new(expected, Crop * Crop), MaskCrop.Count(mask, new GeometricAugmentation(top, left, Crop, Crop), LabelTable.Binary));
    }, iter: 200, seed: "0N0XIzNsQ0O2");

    /// <summary>Changed is a square, as far as it is inside.</summary>
    private static PixelImage Mask(int top, int left, int side)
    {
        var mask = new PixelImage(new ImageShape(Side, Side, 1, PixelType.UInt8), new byte[Side * Side]);
        for (var y = top; y < Math.Min(Side, top + side); y++)
            mask.Pixels.AsSpan(y * Side + left, Math.Min(side, Side - left)).Fill(255);
        return mask;
    }
}
