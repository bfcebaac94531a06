using ChangeDetection.Datasets.Masks;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// Samples of one size, ready for a network, in pooled buffers. Rows are interleaved, so that a [N, H, W, C] buffer permuted to
/// [N, C, H, W] is a channels-last tensor without a copy. Dispose gives the buffers back.
/// </summary>
public sealed class Batch : IDisposable
{
    /// <summary>Position in the epoch's order of the first sample.</summary>
    public required int FirstPosition { get; init; }
    /// <summary>Samples here.</summary>
    public required int Count { get; init; }
    public required int Height { get; init; }
    public required int Width { get; init; }
    public required int Channels { get; init; }
    /// <summary>Normalised values, [Count, Height, Width, Channels], 0 where a pixel is missing; may be longer than that.</summary>
    public required float[] Before { get; init; }
    /// <summary>Normalised values, [Count, Height, Width, Channels], 0 where a pixel is missing; may be longer than that.</summary>
    public required float[] After { get; init; }
    /// <summary>
    /// 0 no change, 1 change, or of more classes their numbers; 255 (<see cref="MaskReader.Ignored"/>) where a pixel is unlabelled or missing, or was
    /// in an earlier sample and is counted there; [Count, Height, Width]; may be longer than that.
    /// </summary>
    public required byte[] Mask { get; init; }
    /// <summary>Pixels of the mask that are unlabelled, those of <see cref="Repeated"/> not among them.</summary>
    public int Ignored { get; init; }
    /// <summary>Pixels that an earlier sample had, because tiles overlap: only where a split is read to be scored.</summary>
    public int Repeated { get; init; }
    /// <summary>Whether every pixel of the mask is a label.</summary>
    public bool IsLabelledWhole => Ignored == 0 && Repeated == 0;
    /// <summary>The samples' keys in the data set.</summary>
    public required IReadOnlyList<string> Keys { get; init; }
    /// <summary>Called once with this batch when it is disposed.</summary>
    public Action<Batch>? Release { get; init; }

    /// <summary>Pixels of some of the samples that have a label.</summary>
    public long Labelled(int from, int count) =>
        (long)count * Height * Width - (IsLabelledWhole ? 0 : Mask.AsSpan(from * Height * Width, count * Height * Width).Count(MaskReader.Ignored));

    private bool _disposed;

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Release?.Invoke(this);
    }
}
