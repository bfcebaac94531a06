using System.Numerics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// What the classes of a data set's masks are as labels: 0 and 1 for no change and change, or the numbers of its classes. Where masks know unlabelled
/// pixels, <see cref="MaskReader.Ignored"/> stays what it is.
/// </summary>
internal sealed class LabelTable
{
    private readonly int _values;
    private readonly bool[]? _change;

    private LabelTable(int values, bool ignores, bool[]? change) => (_values, Ignores, _change) = (values, ignores, change);

    /// <summary>Masks of change, in which every pixel is labelled: everything but 0 is 1.</summary>
    public static LabelTable Binary { get; } = new(2, ignores: false, null);

    /// <summary>How many labels there are, that of unlabelled pixels not among them.</summary>
    public int Classes => _change is null ? _values : 2;

    /// <summary>How many classes masks have.</summary>
    public int MaskClasses => _values;

    /// <summary>Whether a pixel can be unlabelled.</summary>
    public bool Ignores { get; }

    /// <param name="change">The classes that are change, and all others none; null takes the masks as they were packed.</param>
    public static LabelTable Of(DatasetManifest manifest, MaskRule? change)
    {
        var ignores = manifest.Version > DatasetManifest.FirstVersion;
        if (manifest.Classes is not { } classes)
            return ignores ? new(2, ignores, null) : Binary;
        return change is null
            ? new(classes.Count, ignores, null)
            : new(
                classes.Count, ignores,
                [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => value < classes.Count && change.Matches((byte)value))]);
    }

    /// <summary>Turns a mask's classes into labels, in place.</summary>
    /// <returns>A value that is no label; null where all are.</returns>
    public byte? Apply(Span<byte> mask)
    {
        if (Ignores && FirstBeyond(mask) is { } beyond)
            return beyond;
        if (_change is { } change)
        {
            foreach (ref var value in mask)
                value = Ignores && value == MaskReader.Ignored ? value : change[value] ? (byte)1 : (byte)0;
            return null;
        }
        if (Ignores)
            return null;
        if (Classes == 2)
        {
            ToZeroAndOne(mask);
            return null;
        }
        return mask.IndexOfAnyExceptInRange((byte)0, (byte)(_values - 1)) is >= 0 and var at ? mask[at] : null;
    }

    /// <summary>Counts the pixels of a row of a mask.</summary>
    public LabelCounts Count(ReadOnlySpan<byte> row)
    {
        var labelled = row.Length - (Ignores ? row.Count(MaskReader.Ignored) : 0);
        if (_change is not { } change)
            return new(labelled - row.Count((byte)0), labelled);
        var changed = 0;
        // No rule is asked for unlabelled pixels: they are beyond the classes, and so no change.
        foreach (var value in row)
            changed += change[value] ? 1 : 0;
        return new(changed, labelled);
    }

    /// <summary>Unlabelled pixels lie together, so the search goes from one group of them to the next.</summary>
    private byte? FirstBeyond(ReadOnlySpan<byte> mask)
    {
        while (mask.IndexOfAnyExceptInRange((byte)0, (byte)(_values - 1)) is >= 0 and var at)
        {
            if (mask[at] != MaskReader.Ignored)
                return mask[at];
            mask = mask[at..];
            mask = mask.IndexOfAnyExcept(MaskReader.Ignored) is >= 0 and var behind ? mask[behind..] : default;
        }
        return null;
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

/// <summary>Pixels of a crop.</summary>
/// <param name="Changed">Those whose label is not 0.</param>
/// <param name="Labelled">Those that have a label.</param>
internal readonly record struct LabelCounts(long Changed, long Labelled)
{
    /// <summary>Whether the share of changed pixels is larger; that of no labelled pixel is below all others.</summary>
    public bool HasMoreChangeThan(LabelCounts other) =>
        other.Labelled == 0 ? Labelled > 0 : (Int128)Changed * other.Labelled > (Int128)other.Changed * Labelled;

    public static LabelCounts operator +(LabelCounts a, LabelCounts b) => new(a.Changed + b.Changed, a.Labelled + b.Labelled);
}
