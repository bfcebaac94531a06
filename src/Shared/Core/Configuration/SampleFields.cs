namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The roles of a sample's fields. A field is named <c>ROLE.EXTENSION</c> (<c>before.png</c>, <c>mask.npy</c>), and the extension says how
/// its bytes are encoded; <see cref="Json"/> stands alone.
/// </summary>
public static class SampleFields
{
    /// <summary>The earlier image.</summary>
    public const string Before = "before";
    /// <summary>The later image, of the same size and type.</summary>
    public const string After = "after";
    /// <summary>
    /// One channel of the same height and width. Of format 2: the number of the pixel's class (0 no change, 1 change, 2 … further classes), 255 where it is
    /// unlabelled. Of format 1: 0 no change, anything else change, or the number of a class where there are classes.
    /// </summary>
    public const string Mask = "mask";
    /// <summary>
    /// One channel of the same height and width, 8 bits: 0 where either date has no pixel, 255 where both have one. In a sample only where a pixel is
    /// missing.
    /// </summary>
    public const string Valid = "valid";
    /// <summary>Where the sample came from, as a JSON object.</summary>
    public const string Json = "json";

    /// <summary>The role of a field: its name up to the first dot.</summary>
    public static string Role(string field) => field.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? field[..dot] : field;

    /// <summary>The extension of a field without a dot: its name behind the first dot, or all of it.</summary>
    public static string Extension(string field) => field.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? field[(dot + 1)..] : field;
}
