using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Packing;

/// <summary>One <c>--split NAME=PATTERN[@x,y,w,h]</c>: which pairs go into a split, and what is cut out of them.</summary>
public sealed record SplitRule(string Split, PathPattern Pattern, PixelRectangle? Crop)
{
    public const string Syntax = "NAME=PATTERN[@x,y,w,h], such as train=Szada/2-6 or test=Szada/1@0,0,784,448";

    /// <exception cref="PackRequestException">The text is not of this form.</exception>
    public static SplitRule Parse(string text)
    {
        if (text.Split('=', 2) is not [var name, var rest] || rest.Length == 0)
            throw new PackRequestException($"--split '{text}' is not of the form {Syntax}.");
        if (DatasetManifestRules.NameViolation(name) is { } rule)
            throw new PackRequestException($"--split '{text}': the name of a split {rule}. The form is {Syntax}.");
        var at = rest.LastIndexOf('@');
        var crop = at < 0 ? null : ParseCrop(rest[(at + 1)..]);
        if (at >= 0 && crop is null)
            throw new PackRequestException(
                $"--split '{text}': '{rest[(at + 1)..]}' is no rectangle. Write four whole numbers x,y,w,h in pixels from the top left, w and h " +
                "at least 1.");
        return new(name, PathPattern.Parse(at < 0 ? rest : rest[..at]), crop);
    }

    private static PixelRectangle? ParseCrop(string text)
    {
        var numbers = text.Split(',').Select(
            part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null).ToList();
        return numbers is [{ } x, { } y, > 0 and { } width, > 0 and { } height] ? new(x, y, width, height) : null;
    }
}
