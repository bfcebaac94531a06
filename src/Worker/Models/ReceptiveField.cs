namespace ChangeDetection.Worker.Models;

/// <summary>
/// How far an output pixel sees: pixels above and to the left of it, and pixels below and to the right. They differ, because pooling and upsampling
/// tie a pixel to the grid of their cells; the field is the two and the pixel itself.
/// </summary>
public sealed record ReceptiveField(int Before, int After)
{
    /// <summary>Cells of the coarsest map: where in one an output pixel lies decides what it sees.</summary>
    public const int Period = 16;

    public int Side => Before + 1 + After;

    /// <summary>The field that follows from a network's layers, walked from an output pixel to the input, over all places within a cell.</summary>
    internal static ReceptiveField Of(Func<InputSpan, InputSpan> toInput)
    {
        var (before, after) = (0, 0);
        for (var x = 0; x < Period; x++)
        {
            var seen = toInput(new InputSpan(x, x));
            (before, after) = (Math.Max(before, x - seen.First), Math.Max(after, seen.Last - x));
        }
        return new ReceptiveField(before, after);
    }
}

/// <summary>
/// The pixels of a map, in one direction, that something behind it depends on; every layer maps them to the pixels of the map before it that those depend on.
/// </summary>
internal readonly record struct InputSpan(int First, int Last)
{
    /// <summary>So many 3x3 convolutions, plain or transposed, of stride 1.</summary>
    public InputSpan Convolutions(int count) => new(First - count, Last + count);

    /// <summary>So many 2x2 convolutions that are padded below and to the right.</summary>
    public InputSpan ConvolutionsOfTwo(int count) => new(First, Last + count);

    /// <summary>So many 2x2 transposed convolutions that are cut off below and to the right.</summary>
    public InputSpan TransposedOfTwo(int count) => new(First - count, Last);

    /// <summary>2x2 max pooling.</summary>
    public InputSpan Pooled() => new(2 * First, 2 * Last + 1);

    /// <summary>3x3 transposed convolution of stride 2, padding 1, output padding 1: pixel 2m is made of m, pixel 2m + 1 of m and m + 1.</summary>
    public InputSpan UpsampledByThree() => new(Half(First), Half(Last + 1));

    /// <summary>Nearest neighbour, or a 2x2 transposed convolution of stride 2: pixels 2m and 2m + 1 are made of m.</summary>
    public InputSpan Doubled() => new(Half(First), Half(Last));

    public InputSpan And(InputSpan other) => new(Math.Min(First, other.First), Math.Max(Last, other.Last));

    private static int Half(int x) => (int)Math.Floor(x / 2.0);
}
