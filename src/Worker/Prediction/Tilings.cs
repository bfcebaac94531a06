using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Prediction;

/// <summary>Rows of a scene that are predicted together.</summary>
internal readonly record struct StripRows(int First, int End)
{
    public int Count => End - First;
}

/// <summary>A way to cut a scene into windows and to put their results together, strip by strip from the top.</summary>
internal interface ITiling
{
    IReadOnlyList<StripRows> Strips { get; }

    /// <summary>Windows of all strips together.</summary>
    int Windows { get; }

    /// <summary>Kinds of change that the network distinguishes.</summary>
    int Kinds { get; }

    /// <summary>Predicts a strip. Strips may be left out, but are only ever asked for downwards; the rows of the last one are still held.</summary>
    /// <param name="probability">Gets the probability of each kind of change, [<see cref="Kinds"/>, rows of the strip, width].</param>
    /// <param name="windowDone">Called after each window.</param>
    void Predict(int strip, Span<float> probability, Action windowDone);
}

/// <summary>Chooses by how far the network sees.</summary>
internal static class Tilings
{
    /// <summary>Sides of windows, without what is around them: larger ones take memory, smaller ones compute more twice.</summary>
    private const int FiniteTile = 448, GlobalTile = 512;

    /// <summary>What rows of both dates, and what is found there of several kinds of change, may take in memory.</summary>
    private const long RowBytes = 256L << 20;

    public static ITiling Of(SceneRows rows, long bytesPerRow, WindowNetwork network, ReceptiveField? field, int? tile)
    {
        var around = field is null ? 0 : HaloTiling.Align(field.Before) + HaloTiling.Align(field.After);
        var side = HaloTiling.Align(Math.Min(tile ?? (field is null ? GlobalTile : FiniteTile), Math.Max(rows.Width, rows.Height)));
        var foundPerRow = network.Kinds == 1 ? 0 : (long)network.Kinds * rows.Width * sizeof(float);
        while (side > ReceptiveField.Period && bytesPerRow * (side + around) + foundPerRow * side > RowBytes)
            side -= ReceptiveField.Period;
        return field is null ? new BlendedTiling(rows, network, Math.Max(side, BlendedTiling.SmallestTile)) : new HaloTiling(rows, network, field, side);
    }
}
