using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Maps made larger by repeating their last row and column. By concatenation, not by ReplicationPad2d, whose gradient on a GPU is not deterministic.
/// </summary>
internal static class Edges
{
    /// <summary>To these rows and columns; never smaller.</summary>
    public static Tensor RepeatTo(Tensor map, long height, long width)
    {
        var (rows, columns) = (height - map.shape[2], width - map.shape[3]);
        if (rows > 0)
            map = cat([map, map.narrow(2, map.shape[2] - 1, 1).expand(-1, -1, rows, -1)], 2);
        if (columns > 0)
            map = cat([map, map.narrow(3, map.shape[3] - 1, 1).expand(-1, -1, -1, columns)], 3);
        return map;
    }

    /// <summary>To the next multiple of so many rows and columns.</summary>
    public static Tensor RepeatToMultiple(Tensor map, int multiple) => RepeatTo(map, Next(map.shape[2], multiple), Next(map.shape[3], multiple));

    private static long Next(long side, int multiple) => (side + multiple - 1) / multiple * multiple;
}
