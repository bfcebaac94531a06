namespace ChangeDetection.Imaging.Pixels;

/// <summary>What becomes of an alpha band.</summary>
public enum AlphaUse
{
    /// <summary>
    /// A band of 0 and its maximum alone is a mask; one with other values is refused, for it may be something else, such as near-infrared.
    /// </summary>
    Auto,
    /// <summary>It is left out, and every pixel is there.</summary>
    Drop,
    /// <summary>It is a band like the others.</summary>
    Band,
    /// <summary>It is left out; where it is 0, there is no pixel, and anything else is one.</summary>
    Mask,
}

/// <summary>How pixels that are none are told, beyond what a file says of itself.</summary>
/// <param name="Value">Where all bands have this value, there is no pixel; null: the file's own value (GDAL_NODATA), if it has one.</param>
public sealed record NoDataRule(double? Value = null, AlphaUse Alpha = AlphaUse.Auto)
{
    /// <summary>The file's own value and <see cref="AlphaUse.Auto"/>.</summary>
    public static NoDataRule Default { get; } = new();
}
