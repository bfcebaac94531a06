using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Masks;

namespace ChangeDetection.Datasets.Masks;

/// <summary>
/// What is asked of the user where masks do not say what they mean: their values with counts and files, and the options that would settle it.
/// </summary>
internal sealed class MaskQuestion(MaskSurvey survey, MaskUnit unit, int? band, ValueCounts values)
{
    private const int Shown = 12;

    private const string Options =
        "Say it: --mask-change VALUES (all others are no change) or --class NAME=VALUES for each class, and --mask-ignore VALUES for those that are " +
        "unlabelled.";

    /// <summary>The masks hold these values, and something is unknown of them.</summary>
    public DatasetSourceException Stop(string unknown) => Ask([$"The masks hold {Found(values, unit)}{Hint()}, and {unknown}. {Options}{Example()}"]);

    /// <summary>A rule of the user's does not fit the values.</summary>
    public DatasetSourceException Rule(string wrong, string remedy) => Ask([$"{wrong}: {Found(values, unit)}. {remedy}"]);

    /// <summary>Values that no class names.</summary>
    /// <param name="from">Who named the classes.</param>
    public DatasetSourceException Unnamed(IReadOnlyList<long> unnamed, string from) => Ask([
        $"The masks hold {(unnamed.Count == 1 ? "a value" : "values")} that no {(from == MaskRules.FromLayout ? "class of the layout" : "--class")} names: " +
        $"{Each(unnamed, values, unit)}. Name a class for " +
        $"{(unnamed.Count == 1 ? "it" : "them")}, or say --mask-ignore {List(unnamed)} where such pixels are unlabelled. All values: {Found(values, unit)}."]);

    /// <summary>The masks' own value for no data is 0, which they hold.</summary>
    public DatasetSourceException NoDataZero() => Ask([
        $"{survey.NoData[0].First} says that 0 is its value for no data (GDAL_NODATA), as many programs write it beside masks whose 0 is no change; " +
        $"{survey.NoData[0].Files} masks do so, and hold {survey.NoData[0].Pixels} such pixels. Say --mask-ignore none if 0 is no change, " +
        "or --mask-ignore 0 if such pixels are unlabelled."]);

    /// <summary>Values with their counts and files.</summary>
    public string Each(IReadOnlyList<long> some) => Each(some, values, unit);

    /// <summary>Values as they are written in rules.</summary>
    public string List(IReadOnlyList<long> some) =>
        string.Join(", ", some.Take(Shown).Select(value => Text(value, unit))) + (some.Count > Shown ? ", …" : "");

    /// <summary>Masks with channels of which none is the mask by itself.</summary>
    public static DatasetSourceException Channels(MaskSurvey survey)
    {
        var channels = survey.Channels.Select((counts, at) => string.Create(
            CultureInfo.InvariantCulture, $"channel {at + 1}{(IsAlpha(survey, at) ? " (alpha)" : "")} holds {Brief(counts)}"));
        var alpha = survey.WithAlpha.Count == survey.Unlike.Count && survey.Channels.SkipLast(1).All(counts => counts.Values.Count == 1)
            ? $" Its colour is the same everywhere, so the mask is its alpha channel: --mask-band {survey.Channels.Count}." : "";
        var colours = survey.Colours.Values.Count > 0 ? $" Its colours: {Found(survey.Colours, MaskUnit.Colour)}." : "";
        return Ask([string.Create(
            CultureInfo.InvariantCulture,
            $"{survey.Unlike.First} is a mask of {survey.Channels.Count} unlike channels ({survey.Unlike.Count} of {survey.Files} masks are): ") +
            $"{string.Join("; ", channels)}.{colours}{alpha} Say which channel is the mask with --mask-band N, or name colours: --mask-change #ff0000, or " +
            "--class NAME=#ff0000 for each class."]);
    }

    /// <summary>Some masks have a palette, and others have none.</summary>
    public static DatasetSourceException Kinds(MaskSurvey survey) => Ask([
        $"{survey.WithColourPalette.First} is a mask with a palette of colours, and {(survey.Plain.Count > 0 ? survey.Plain : survey.WithChannels).First} " +
        "has none, so their values cannot be read by one rule. Name colours (--mask-change #ff0000, or --class NAME=#ff0000 for each class), which are read " +
        "in both, or convert one kind to the other."]);

    /// <summary>A channel that not all masks have.</summary>
    public static DatasetSourceException Band(MaskSurvey survey, int band) => Ask([string.Create(
        CultureInfo.InvariantCulture,
        $"--mask-band {band}: {(survey.Plain.Count > 0 ? survey.Plain : survey.WithPalette.Count > 0 ? survey.WithPalette : survey.WithChannels).First} has ") +
        $"{(survey.Plain.Count + survey.WithPalette.Count > 0 ? "one channel" : $"{survey.Channels.Count} channels")}. Leave it out, or give one of theirs."]);

    private static DatasetSourceException Ask(IReadOnlyList<string> problems) => new(problems) { Asks = true };

    private string Hint() => unit == MaskUnit.Index && survey.Palette is { } palette
        ? $" (indices of a palette: {string.Join(", ", values.Values.Take(Shown).Select(value => $"{value} is {MaskRule.Colour(palette[(int)value])}"))})"
        : band is not null ? string.Create(CultureInfo.InvariantCulture, $" in channel {band}") : "";

    /// <summary>An unlabelled value is most often 255 beside small numbers.</summary>
    private string Example() => unit != MaskUnit.Colour && values.Has(byte.MaxValue) && values.Values.Any(value => value is > 0 and < byte.MaxValue)
        ? " For example --mask-ignore 255, or --mask-change '> 127' where the others are blurred edges." : "";

    private static string Found(ValueCounts counts, MaskUnit unit) => counts.IsCutOff
        ? $"more than {ValueCounts.MaxValues} different values, such as {Each([.. counts.Values.Take(3)], counts, unit)}"
        : counts.Values.Count == 0 ? "no number" : Each([.. counts.Values], counts, unit);

    private static string Each(IReadOnlyList<long> some, ValueCounts counts, MaskUnit unit)
    {
        var shown = some.Take(Shown).Select(value => string.Create(
            CultureInfo.InvariantCulture,
            $"{Text(value, unit)} ({counts[value].Pixels} pixels in {counts[value].Files} file{(counts[value].Files == 1 ? "" : "s")}, the first " +
            $"{counts[value].First})"));
        return string.Join(", ", shown) + (some.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $" and {some.Count - Shown} others") : "");
    }

    private static string Brief(ValueCounts counts) =>
        string.Join(", ", counts.Values.Take(Shown)) + (counts.Values.Count > Shown ? $" and {counts.Values.Count - Shown} others" : "");

    private static bool IsAlpha(MaskSurvey survey, int channel) => survey.WithAlpha.Count > 0 && channel == survey.Channels.Count - 1;

    private static string Text(long value, MaskUnit unit) =>
        unit == MaskUnit.Colour ? MaskRule.Colour(value) : value.ToString(CultureInfo.InvariantCulture);
}
