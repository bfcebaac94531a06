using System.Numerics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>What the values of a data set's masks are as labels: 0 and 1 for no change and change, or the numbers of its classes.</summary>
internal sealed class LabelTable
{
    private readonly bool[]? _change;

    private LabelTable(int classes, bool[]? change) => (Classes, _change) = (classes, change);

    /// <summary>Masks of change: everything but 0 is 1.</summary>
    public static LabelTable Binary { get; } = new(2, null);

    /// <summary>How many labels there are.</summary>
    public int Classes { get; }

    /// <param name="change">The classes that are change, and all others none; null takes the masks as they were packed.</param>
    public static LabelTable Of(DatasetManifest manifest, MaskRule? change) => manifest.Classes is not { } classes ? Binary
        : change is null ? new(classes.Count, null)
        : new(2, [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => value < classes.Count && change.Matches((byte)value))]);

    /// <summary>Turns a mask's values into labels, in place.</summary>
    /// <returns>A value that is no label; null where all are.</returns>
    public byte? Apply(Span<byte> mask)
    {
        if (_change is { } change)
        {
            foreach (ref var value in mask)
                value = change[value] ? (byte)1 : (byte)0;
            return null;
        }
        if (Classes == 2)
        {
            ToZeroAndOne(mask);
            return null;
        }
        return mask.IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1)) is >= 0 and var at ? mask[at] : null;
    }

    /// <summary>Pixels of a row of a mask whose label is not 0.</summary>
    public int CountChanged(ReadOnlySpan<byte> row)
    {
        if (_change is not { } change)
            return row.Length - row.Count((byte)0);
        var count = 0;
        foreach (var value in row)
            count += change[value] ? 1 : 0;
        return count;
    }

    private static void ToZeroAndOne(Span<byte> mask)
    {
        var at = 0;
        for (; at <= mask.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            Vector.Min(new Vector<byte>(mask[at..]), Vector<byte>.One).CopyTo(mask[at..]);
        for (; at < mask.Length; at++)
            mask[at] = Math.Min(mask[at], (byte)1);
    }
}
