using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>A batch while decoders fill its rows, in any order, each row by one of them.</summary>
internal sealed class PendingBatch(BatchShape shape, BatchBuffers buffers, Action<BatchBuffers> release)
{
    private readonly TaskCompletionSource<Batch> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _keys = [];
    private int _firstPosition;
    private int _ignored;
    private int _repeated;
    /// <summary>Rows to come, and one more for the planner that may still add some.</summary>
    private int _open = 1;

    public BatchShape Shape => shape;
    public BatchBuffers Buffers => buffers;
    public int Count => _keys.Count;

    /// <summary>Ends when the last row is there, or fails with the first row's failure.</summary>
    public Task<Batch> Completed => _completed.Task;

    /// <summary>Takes in a sample and gives it its row. For the planner alone.</summary>
    public int Add(LoadedSample sample)
    {
        if (_keys.Count == 0)
            _firstPosition = sample.Place.Position;
        _keys.Add(sample.Key);
        Interlocked.Increment(ref _open);
        return _keys.Count - 1;
    }

    /// <summary>Counts unlabelled pixels of a row, before it is done.</summary>
    public void AddIgnored(int pixels) => Interlocked.Add(ref _ignored, pixels);

    /// <summary>Counts pixels of a row that an earlier sample had, before it is done.</summary>
    public void AddRepeated(int pixels) => Interlocked.Add(ref _repeated, pixels);

    /// <summary>No row is added any more. For the planner alone, once.</summary>
    public void Close() => RowIsDone();

    public void RowIsDone()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            _completed.TrySetResult(ToBatch());
    }

    public void Fail(Exception exception) => _completed.TrySetException(exception);

    private Batch ToBatch() => new()
    {
        FirstPosition = _firstPosition,
        Count = _keys.Count,
        Height = shape.Height,
        Width = shape.Width,
        Channels = shape.Channels,
        Before = buffers.Before,
        After = buffers.After,
        Mask = buffers.Mask,
        Ignored = _ignored,
        Repeated = _repeated,
        Keys = _keys,
        Release = _ => release(buffers),
    };
}

/// <summary>Rows, columns and channels of a batch's images, and how many samples it takes.</summary>
internal readonly record struct BatchShape(int Height, int Width, int Channels, int Capacity)
{
    public int Pixels => checked(Capacity * Height * Width);
    public int Values => checked(Pixels * Channels);
}
