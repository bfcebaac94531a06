namespace ChangeDetection.Worker.Data.Batches;

/// <summary>The arrays of one batch.</summary>
internal sealed class BatchBuffers(int values, int pixels)
{
    public float[] Before { get; } = GC.AllocateUninitializedArray<float>(values);
    public float[] After { get; } = GC.AllocateUninitializedArray<float>(values);
    public byte[] Mask { get; } = GC.AllocateUninitializedArray<byte>(pixels);

    public bool Holds(int values, int pixels) => Before.Length >= values && Mask.Length >= pixels;
}

/// <summary>
/// Buffers of earlier batches, to be used again: they are megabytes each, and taking new ones for every batch would keep the
/// collector of large objects busy.
/// </summary>
internal sealed class BatchBufferPool(int keep)
{
    private readonly Lock _lock = new();
    private readonly List<BatchBuffers> _free = [];

    public BatchBuffers Rent(int values, int pixels)
    {
        lock (_lock)
        {
            var found = _free.FindIndex(buffers => buffers.Holds(values, pixels));
            // When none is large enough, one that is too small makes way for the new one.
            var index = found >= 0 ? found : _free.Count - 1;
            var taken = found >= 0 ? _free[found] : null;
            if (index >= 0)
                _free.RemoveAt(index);
            return taken ?? new BatchBuffers(values, pixels);
        }
    }

    public void Return(BatchBuffers buffers)
    {
        lock (_lock)
        {
            if (_free.Count < keep)
                _free.Add(buffers);
        }
    }
}
