using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>Where a sample was cut from, by the field <c>json</c> that <c>dataset pack</c> writes.</summary>
/// <param name="Source">Names the image: a hash of its path, which two neighbours in a split share by no chance.</param>
/// <param name="Place">The part of the image, in pixels; neither side reaches beyond what 31 bits count.</param>
internal readonly record struct SampleOrigin(UInt128 Source, PixelRectangle Place)
{
    /// <summary>More than any two paths need: what is longer was written by another program.</summary>
    public const int MaxBytes = 1 << 16;

    /// <summary>Reads the field of a sample.</summary>
    /// <param name="shape">Of the sample's images, whose size a crop has.</param>
    /// <param name="origin">Null where the sample is a whole image.</param>
    /// <returns>False where the bytes are not what <c>dataset pack</c> writes.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> json, ImageShape shape, out SampleOrigin? origin)
    {
        origin = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("source", out var source) || source.ValueKind != JsonValueKind.String
                || !root.TryGetProperty("crop", out var crop))
                return false;
            if (crop.ValueKind == JsonValueKind.Null)
                return true;
            if (PlaceOf(crop, shape) is not { } place)
                return false;
            origin = new(XxHash128.HashToUInt128(JsonMarshal.GetRawUtf8Value(source)), place);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A name with half a surrogate pair is an invalid operation, not bad JSON.
            return false;
        }
    }

    private static PixelRectangle? PlaceOf(JsonElement crop, ImageShape shape)
    {
        if (crop.ValueKind != JsonValueKind.Array || crop.GetArrayLength() != 4)
            return null;
        var numbers = new int[4];
        for (var at = 0; at < numbers.Length; at++)
        {
            if (crop[at].ValueKind != JsonValueKind.Number || !crop[at].TryGetInt32(out numbers[at]) || numbers[at] < 0)
                return null;
        }
        var (x, y) = (numbers[0], numbers[1]);
        return (numbers[2], numbers[3]) == (shape.Width, shape.Height) && x <= int.MaxValue - shape.Width && y <= int.MaxValue - shape.Height
            ? new(x, y, shape.Width, shape.Height)
            : null;
    }
}
