using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Masks;

/// <summary>
/// The one rule for all masks of a data set: how a pixel's value is read, and which class each value is. It turns a mask into one channel of 8 bits that
/// holds class numbers, and <see cref="MaskReader.Ignored"/> where a pixel is unlabelled. Safe for concurrent use.
/// </summary>
public sealed class MaskMapping
{
    /// <summary>Of a value that no class has: it is refused, and never in a result.</summary>
    private const byte Unlisted = byte.MaxValue - 1;

    private readonly byte[] _table;
    private readonly IReadOnlyList<MaskRule> _classes;

    /// <param name="unit">What a value is.</param>
    /// <param name="band">The channel that is read, from 1; null for the only one, or for colours.</param>
    /// <param name="rules">Which values are which class.</param>
    internal MaskMapping(MaskUnit unit, int? band, MaskRules rules)
    {
        (Unit, Band, Rules) = (unit, band, rules);
        _classes = [.. rules.Classes?.Select(one => MaskRule.TryParse(one.Values)!) ?? []];
        _table = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => Find(value))];
    }

    /// <summary>Takes every mask, whatever it holds: for looking at images whose masks have no rule.</summary>
    internal static MaskMapping Any { get; } = new(MaskUnit.Number, band: 1, new(MaskRule.TryParse("> 0")!, null, null, MaskRules.FromValues));

    public MaskUnit Unit { get; }

    public int? Band { get; }

    /// <summary>Which values are which class.</summary>
    public MaskRules Rules { get; }

    /// <summary>The rule that a data set's manifest records for masks that its shards keep with the source's values; null where they hold classes.</summary>
    internal static MaskMapping? Of(DatasetManifest manifest) => manifest.Mask is not { Raw: true } mask ? null : new(
        MaskUnits.Parse(mask.Unit)!.Value, mask.Band,
        new(Optional(mask.Change), manifest.Classes, Optional(mask.Ignore), mask.RuleFrom));

    /// <summary>A value as it is written in rules.</summary>
    internal string Text(long value) => Unit == MaskUnit.Colour ? MaskRule.Colour(value) : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Turns a mask into classes.</summary>
    /// <param name="name">What an error calls it.</param>
    /// <param name="reuse">A buffer of the caller's, used where it is long enough.</param>
    /// <exception cref="ImageException">It cannot be read by this rule, or holds a value of no class.</exception>
    public PixelImage Apply(MaskImage mask, string name, byte[]? reuse = null)
    {
        var pixels = mask.Width * mask.Height;
        var classes = reuse is not null && reuse.Length >= pixels ? reuse : GC.AllocateUninitializedArray<byte>(pixels);
        var target = classes.AsSpan(0, pixels);
        var holdsItsValues = mask.Channels == 1 && (Unit == MaskUnit.Index || Unit == MaskUnit.Number && (mask.Palette is null || Band is not null));
        if (mask.Bytes is { } bytes && holdsItsValues && MaskPixels.Refusal(mask, Unit, Band) is null)
        {
            for (var at = 0; at < target.Length; at++)
                target[at] = _table[bytes[at]];
        }
        else
        {
            var values = new MaskPixels(mask, Unit, Band, name);
            for (var at = 0; at < target.Length; at++)
                target[at] = mask.IsMissing(at) ? MaskReader.Ignored : ClassOf(values[at]);
        }
        if (_classes.Count > 0 && target.IndexOf(Unlisted) is >= 0 and var unlisted)
            throw MaskPixels.Refused(
                name, $"a mask with the value {Text(new MaskPixels(mask, Unit, Band, name)[unlisted])}, which is of no class");
        return new PixelImage(new ImageShape(mask.Width, mask.Height, 1, PixelType.UInt8), classes);
    }

    private byte ClassOf(long value) => value is >= 0 and <= byte.MaxValue ? _table[value] : Find(value);

    private byte Find(long value)
    {
        if (Rules.Ignore?.Matches(value) == true)
            return MaskReader.Ignored;
        if (Rules.Change is { } change)
            return change.Matches(value) ? (byte)1 : (byte)0;
        for (var label = 0; label < _classes.Count; label++)
        {
            if (_classes[label].Matches(value))
                return (byte)label;
        }
        return Unlisted;
    }

    private static MaskRule? Optional(string? text) => text is null ? null : MaskRule.TryParse(text);
}

/// <summary>Which values of masks are which class.</summary>
/// <param name="Change">Those that are change, all others being none; null where there are classes.</param>
/// <param name="Classes">The classes, no change first; null where there is change or none.</param>
/// <param name="Ignore">Those of unlabelled pixels; null for none.</param>
/// <param name="From">Who said so: <see cref="MaskManifest.RuleFrom"/>.</param>
public sealed record MaskRules(MaskRule? Change, IReadOnlyList<ClassManifest>? Classes, MaskRule? Ignore, string From)
{
    public const string FromOption = "option";
    public const string FromLayout = "layout";
    public const string FromValues = "values";

    /// <summary>As a sentence for people.</summary>
    public override string ToString() => MaskDescription.Rule(Change?.Text, Classes, Ignore?.Text);
}
