namespace ChangeDetection.Worker.Data.Shards;

/// <summary>
/// The shard bytes read ahead: one buffer, allocated once, from which ranges are rented in order and given back in any order.
/// When it is full the renter waits, and that is the whole back-pressure: no setting of a data set can make it larger.
/// </summary>
internal sealed class ByteRing(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<Range> _rented = new();
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private TaskCompletionSource? _returned;
    private int _end;

    public int Capacity => capacity;

    /// <summary>Rents a contiguous range. One caller at a time.</summary>
    /// <param name="length">At most <see cref="Capacity"/>.</param>
    public async ValueTask<Range> RentAsync(int length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, capacity);
        while (true)
        {
            Task returned;
            lock (_lock)
            {
                if (TryPlace(length) is { } range)
                    return range;
                _returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                returned = _returned.Task;
            }
            await returned.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Forgets every rented range. For when all who held one have ended.</summary>
    public void Clear()
    {
        lock (_lock)
            _rented.Clear();
    }

    private Range? TryPlace(int length)
    {
        var start = _rented.TryPeek(out var first) ? first.Start : (_end = 0);
        // Free is either [end, capacity) and [0, start), or, once the end has come round, [end, start).
        var place = (_rented.Count == 0, wrapped: _end <= start) switch
        {
            (true, _) => 0,
            (_, true) => start - _end >= length ? _end : -1,
            _ => capacity - _end >= length ? _end : start >= length ? 0 : -1,
        };
        if (place < 0)
            return null;
        var range = new Range(this, place, length);
        _rented.Enqueue(range);
        _end = place + length;
        return range;
    }

    private void Return(Range range)
    {
        TaskCompletionSource? returned;
        lock (_lock)
        {
            range.Returned = true;
            while (_rented.TryPeek(out var first) && first.Returned)
                _rented.Dequeue();
            (returned, _returned) = (_returned, null);
        }
        returned?.SetResult();
    }

    /// <summary>A rented range; disposing gives it back.</summary>
    internal sealed class Range(ByteRing ring, int start, int length) : IDisposable
    {
        public int Start => start;
        public bool Returned { get; set; }
        public Memory<byte> Memory => ring._bytes.AsMemory(start, length);

        public void Dispose() => ring.Return(this);
    }
}
