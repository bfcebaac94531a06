using System.Runtime.InteropServices;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>
/// Which values the bands of a raster have, by some of its pixels: at most <see cref="MostRows"/> rows that are spread evenly, and
/// <see cref="MostOfRow"/> pixels of each. A wide raster gives fewer rows: each may cost the decoding of a whole row of tiles.
/// </summary>
internal static class RasterSample
{
    private const int MostRows = 64, FewestRows = 8, MostOfRow = 4096;

    /// <summary>What may have to be decoded for the sample, where tiles are of <see cref="UsualTile"/> rows.</summary>
    private const long MostBytes = 512L << 20;

    private const int UsualTile = 256;

    /// <summary>Of each band; null where none of the pixels looked at is there.</summary>
    /// <param name="raster">Its rows are read downwards.</param>
    /// <exception cref="ImageException">The file is truncated or damaged.</exception>
    public static IReadOnlyList<ValueRange>? Ranges(IRasterReader raster)
    {
        var shape = raster.Shape;
        var row = new byte[shape.Width * shape.Channels * shape.BytesPerValue];
        var validity = new byte[shape.Width];
        var rows = Math.Min(shape.Height, (int)Math.Clamp(MostBytes / ((long)UsualTile * row.Length), FewestRows, MostRows));
        var bands = Enumerable.Range(0, shape.Channels).Select(_ => new List<float>()).ToArray();
        for (var number = 0; number < rows; number++)
        {
            raster.ReadRows((int)((2L * number + 1) * shape.Height / (2 * rows)), 1, row, validity);
            Add(shape, row, validity, bands);
        }
        return bands[0].Count == 0 ? null : [.. bands.Select(Range)];
    }

    private static void Add(ImageShape shape, byte[] row, byte[] validity, List<float>[] bands)
    {
        var step = (shape.Width + MostOfRow - 1) / MostOfRow;
        for (var x = 0; x < shape.Width; x += step)
        {
            if (validity[x] == ValidPixels.None)
                continue;
            for (var band = 0; band < bands.Length; band++)
            {
                var at = x * bands.Length + band;
                bands[band].Add(shape.Type switch
                {
                    PixelType.UInt8 => row[at],
                    PixelType.UInt16 => MemoryMarshal.Cast<byte, ushort>(row)[at],
                    _ => MemoryMarshal.Cast<byte, float>(row)[at],
                });
            }
        }
    }

    private static ValueRange Range(List<float> values)
    {
        values.Sort();
        return new(values[0], At(0.02), At(0.98), values[^1]);

        double At(double share) => values[Math.Max(0, (int)Math.Ceiling(share * values.Count) - 1)];
    }
}
