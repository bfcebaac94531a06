namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Which grey levels of a mask mean change. Data sets write {0, 255}, {0, 1} and {1, 2}, and leave stray greys behind at edges:
/// <list type="bullet">
/// <item>only 1 and 2 occur: 2 is change;</item>
/// <item>the largest value is below 128 (class numbers): everything but 0 is change;</item>
/// <item>the largest value is 128 or more (grey levels): what is above half of it is change, and levels between 0 and it are counted as stray;</item>
/// <item>only 1 occurs: no telling from this mask alone; the other masks of the data set say whether it means no change ({1, 2}) or change ({0, 1}).</item>
/// </list>
/// </summary>
/// <param name="Threshold">Values above it are change; null where only 1 occurs.</param>
/// <param name="Stray">Pixels with a level between 0 and the largest, in a mask of grey levels.</param>
/// <param name="Kind">What the mask tells about the data set's convention.</param>
internal readonly record struct MaskLevels(byte? Threshold, long Stray, MaskKind Kind)
{
    private const int GreyLevels = 128;

    public static MaskLevels Of(MaskHistogram counts)
    {
        var largest = counts.Values.LastOrDefault();
        if (counts[0] == 0 && largest is 1 or 2)
            return counts[1] == 0 ? new(0, 0, MaskKind.OneAndTwo) : largest == 2 ? new(1, 0, MaskKind.OneAndTwo) : new(null, 0, MaskKind.OnlyOne);
        if (largest < GreyLevels)
            return new(0, 0, largest == 1 ? MaskKind.ZeroAndOne : MaskKind.Other);
        return new((byte)(largest / 2), counts.Pixels - counts[0] - counts[largest], MaskKind.Other);
    }

    /// <summary>Translates a mask as the user said, or else by its threshold, and counts the changed pixels.</summary>
    public static long Apply(MaskMapping? mapping, byte threshold, Span<byte> mask) => mapping?.Apply(mask) ?? Apply(threshold, mask);

    /// <summary>Makes every value 0 or 255, and counts the changed ones.</summary>
    public static long Apply(byte threshold, Span<byte> mask)
    {
        var changed = 0L;
        foreach (ref var value in mask)
        {
            var change = value > threshold;
            changed += change ? 1 : 0;
            value = change ? byte.MaxValue : (byte)0;
        }
        return changed;
    }
}

/// <summary>What one mask tells about the convention of its data set.</summary>
internal enum MaskKind
{
    /// <summary>Nothing but 1 occurs.</summary>
    OnlyOne,
    /// <summary>0 and 1: 1 is change.</summary>
    ZeroAndOne,
    /// <summary>1 and 2, or 2 alone: 2 is change.</summary>
    OneAndTwo,
    Other,
}
