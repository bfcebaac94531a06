using System.Globalization;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// ESRI's world files: six lines of one number each beside an image, which say where it lies and name no coordinate system. Lines: map units per column in
/// x and in y, per row in x and in y, then x and y of the centre of the upper left pixel.
/// </summary>
public static class WorldFile
{
    private const int Lines = 6, MaxBytes = 4096;

    private const string Remedy = "Correct it, or move it away if it is no world file.";

    private static readonly string[] s_names =
    [
        "units per column in x", "units per column in y", "units per row in x", "units per row in y",
        "x of the first pixel's centre", "y of the first pixel's centre",
    ];

    /// <summary>
    /// Reads the world file beside an image, as GDAL finds it: <c>a.pgw</c>, <c>a.pngw</c> or <c>a.wld</c> for <c>a.png</c>, in lower or upper case.
    /// </summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ImageException">It breaks a rule; the message names it, the line and the rule.</exception>
    public static AffineTransform? Beside(string image) => Candidates(image).FirstOrDefault(File.Exists) is { } path ? Read(path) : null;

    private static IEnumerable<string> Candidates(string image)
    {
        var own = Path.GetExtension(image).TrimStart('.').ToLowerInvariant();
        string[] extensions = own.Length > 0 ? [$"{own[0]}{own[^1]}w", own + "w", "wld"] : ["wld"];
        return extensions.SelectMany(extension => new[] { extension, extension.ToUpperInvariant() })
            .Select(extension => Path.ChangeExtension(image, extension));
    }

    private static AffineTransform Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
            throw Wrong(path, $"it has more than {MaxBytes:N0} bytes, where a world file has {Lines} numbers");
        var lines = File.ReadAllText(path).TrimEnd().Split('\n');
        var values = new double[Lines];
        for (var at = 0; at < Lines; at++)
        {
            if (at >= lines.Length || lines[at].Trim().Length == 0)
                throw Wrong(path, $"line {at + 1} is missing ({s_names[at]}); a world file has {Lines} lines of one number each");
            var text = lines[at].Trim();
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out values[at]) || !double.IsFinite(values[at]))
                throw Wrong(path, $"line {at + 1} ({s_names[at]}) is '{Printable(text)}'; it is to be one finite number, with a decimal point");
        }
        if (lines.Length > Lines)
            throw Wrong(path, $"line {Lines + 1} is '{Printable(lines[Lines].Trim())}'; a world file has {Lines} lines of one number each");
        var (xColumn, yColumn, xRow, yRow) = (values[0], values[1], values[2], values[3]);
        var place = new AffineTransform(values[4] - (xColumn + xRow) / 2, xColumn, xRow, values[5] - (yColumn + yRow) / 2, yColumn, yRow);
        return place.PixelArea is > 0 and < double.PositiveInfinity
            ? place
            : throw Wrong(path, "lines 1 to 4 give a pixel no area; the units per column and per row span one");
    }

    private static string Printable(string text) => new([.. text.Take(40).Select(one => char.IsControl(one) ? '?' : one)]);

    private static ImageException Wrong(string path, string rule) => new(path, ImageFault.Damaged, rule, Remedy);
}
