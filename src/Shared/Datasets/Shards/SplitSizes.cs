namespace ChangeDetection.Datasets.Shards;

/// <summary>Between which bounds the sides of a split's images lie, in pixels. Whether images have one size is known of it, and which crop fits all.</summary>
public sealed record SplitSizes(int MinWidth, int MinHeight, int MaxWidth, int MaxHeight)
{
    /// <summary>Whether all images are of one size.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOne => MinWidth == MaxWidth && MinHeight == MaxHeight;

    /// <summary>The largest square crop that every image has room for.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int LargestCrop => Math.Min(MinWidth, MinHeight);

    public override string ToString() => IsOne ? $"{MinWidth}x{MinHeight}"
        : MinWidth == MaxWidth ? $"{MinWidth} wide and {MinHeight} to {MaxHeight} high"
        : MinHeight == MaxHeight ? $"{MinWidth} to {MaxWidth} wide and {MinHeight} high"
        : $"{MinWidth} to {MaxWidth} wide and {MinHeight} to {MaxHeight} high";

    /// <summary>The bounds of one image more.</summary>
    /// <param name="sizes">Of those before; null where there is none.</param>
    public static SplitSizes Join(SplitSizes? sizes, int width, int height) => Join(sizes, new(width, height, width, height));

    /// <summary>The bounds of both.</summary>
    public static SplitSizes Join(SplitSizes? one, SplitSizes other) => one is null ? other : new(
        Math.Min(one.MinWidth, other.MinWidth), Math.Min(one.MinHeight, other.MinHeight),
        Math.Max(one.MaxWidth, other.MaxWidth), Math.Max(one.MaxHeight, other.MaxHeight));
}
