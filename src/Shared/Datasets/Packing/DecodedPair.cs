using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A pair that was decoded whole.</summary>
internal sealed record DecodedPair(PairImages Images, IReadOnlyList<string> Notes) : IPairPixels
{
    public ImageShape Shape => Images.Before.Shape;

    public (PairImages Images, int Top) Rows(int first, int count) => (Images, 0);
}
