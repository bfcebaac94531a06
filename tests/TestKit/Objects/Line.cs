using System.Diagnostics;

namespace ChangeDetection.TestKit.Objects;

/// <summary>The line between a server and all its clients: so long to the first byte of an answer, and so many bytes a second together.</summary>
internal sealed class Line
{
    private readonly Lock _gate = new();
    private long _freeAt;
    private long _bytes;

    /// <summary>Before each answer.</summary>
    internal TimeSpan Latency { get; set; }

    /// <summary>Null: as fast as it goes.</summary>
    internal long? BytesPerSecond { get; set; }

    internal long Bytes => Volatile.Read(ref _bytes);

    internal Task DelayAsync(CancellationToken cancellationToken) => Latency > TimeSpan.Zero ? Task.Delay(Latency, cancellationToken) : Task.CompletedTask;

    /// <summary>Ends when the line has passed so many bytes more. Who asks next waits behind.</summary>
    internal Task PassAsync(int bytes, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _bytes, bytes);
        if (BytesPerSecond is not { } rate)
            return Task.CompletedTask;
        TimeSpan wait;
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            _freeAt = Math.Max(_freeAt, now) + (long)(bytes * (double)Stopwatch.Frequency / rate);
            wait = Stopwatch.GetElapsedTime(now, _freeAt);
        }
        return wait > TimeSpan.FromMilliseconds(1) ? Task.Delay(wait, cancellationToken) : Task.CompletedTask;
    }
}
