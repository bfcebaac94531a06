using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>Maps decoded rows before they are normalised. Holds the scratch of one thread: a result is good until the next.</summary>
internal sealed class RescaledRows
{
    private readonly Dictionary<(PixelRescaling, PixelType), ValueMap> _maps = [];
    private byte[] _scratch = [];

    /// <summary>The same pixels of the type that the network was trained on.</summary>
    /// <param name="rows">Of any type.</param>
    public PixelImage Map(PixelRescaling rescaling, PixelImage rows)
    {
        var shape = rows.Shape with { Type = rescaling.Type };
        if (_scratch.Length < shape.Bytes)
            _scratch = GC.AllocateUninitializedArray<byte>(checked((int)shape.Bytes));
        if (!_maps.TryGetValue((rescaling, rows.Shape.Type), out var map))
            _maps[(rescaling, rows.Shape.Type)] = map = rescaling.From(rows.Shape.Type);
        map.Apply(rows.Bytes, _scratch);
        return new PixelImage(shape, _scratch);
    }
}
