using System.Globalization;
using System.Text;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// What the values of a class map are called and how they look. Written into a GeoTIFF as a palette (TIFF 6.0, ColorMap) and, as TIFF has no place for names,
/// as metadata of the band in GDAL's tag: <c>CLASS_0</c>, <c>CLASS_1</c>, ….
/// </summary>
/// <param name="Names">By value, from 0 on; 0 is no change.</param>
public sealed record ClassLegend(IReadOnlyList<string> Names)
{
    private const int Values = 256;

    /// <summary>The value of pixels of which nothing is known.</summary>
    private const int NoData = byte.MaxValue;

    /// <summary>Of no change, and then of the kinds: Okabe and Ito's, which eyes without red or green receptors tell apart; from the eighth on again.</summary>
    private static readonly int[] s_colours = [0x000000, 0xD55E00, 0x56B4E9, 0xF0E442, 0x009E73, 0xCC79A7, 0x0072B2, 0xE69F00];

    private const int Unknown = 0x808080;

    /// <summary>What a map of change and no change has, where nobody named its classes.</summary>
    public static ClassLegend ChangeOrNot { get; } = new(["no change", "change"]);

    /// <param name="names">The classes' own names, that of no change first; null where nobody knows them.</param>
    /// <param name="classes">How many there are.</param>
    public static ClassLegend Of(IReadOnlyList<string>? names, int classes) =>
        names is not null && names.Count == classes ? new(names)
        : classes == 2 ? ChangeOrNot
        : new([ChangeOrNot.Names[0], .. Enumerable.Range(1, classes - 1).Select(kind => kind.ToString("'change '0", CultureInfo.InvariantCulture))]);

    /// <summary>The colour of a value, 0xRRGGBB.</summary>
    public int Colour(int value) =>
        value == NoData ? Unknown
        : value == 0 || value >= Names.Count ? s_colours[0]
        : s_colours[1 + (value - 1) % (s_colours.Length - 1)];

    /// <summary>Red of all values, then green, then blue, of 16 bits.</summary>
    internal ushort[] ColorMap()
    {
        var map = new ushort[3 * Values];
        for (var value = 0; value < Values; value++)
        {
            for (var band = 0; band < 3; band++)
                map[band * Values + value] = (ushort)((Colour(value) >> (8 * (2 - band)) & byte.MaxValue) * 257);
        }
        return map;
    }

    /// <summary>
    /// XML as GDAL has it in its tag: values escaped once for themselves and once as XML, in UTF-8, of which each byte is a character here.
    /// </summary>
    internal string Metadata()
    {
        var xml = new StringBuilder("<GDALMetadata>\n");
        for (var value = 0; value < Names.Count; value++)
            xml.Append(CultureInfo.InvariantCulture, $"  <Item name=\"CLASS_{value}\" sample=\"0\">{Escaped(Escaped(Names[value]))}</Item>\n");
        return Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(xml.Append("</GDALMetadata>\n").ToString()));
    }

    private static string Escaped(string text)
    {
        var clean = string.Concat(text.EnumerateRunes().Where(rune => !Rune.IsControl(rune)));
        return clean.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
    }
}
