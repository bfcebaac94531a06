using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Training;

/// <summary>Batches as the compute thread takes them.</summary>
internal static class BatchReading
{
    /// <summary>Pixels of one forward pass outside of training: about 1.5 GiB with the widest network, whatever the size of a split's images.</summary>
    private const int PixelsPerPass = 1 << 20;

    /// <summary>Blocks for each batch and disposes the one before; <paramref name="waited"/> hears how long each wait was.</summary>
    public static IEnumerable<Batch> Blocking(this IAsyncEnumerable<Batch> batches, TimeProvider time, Action<TimeSpan> waited, CancellationToken cancellationToken)
    {
        using var reader = batches.ToBlockingEnumerable(cancellationToken).GetEnumerator();
        while (true)
        {
            var start = time.GetTimestamp();
            if (!reader.MoveNext())
                yield break;
            waited(time.GetElapsedTime(start));
            using var batch = reader.Current;
            yield return batch;
        }
    }

    /// <summary>The batch's samples in runs of bounded size.</summary>
    /// <exception cref="ImageTooSmallException">The images are smaller than a network can take.</exception>
    public static IEnumerable<(int First, int Count)> Parts(this Batch batch)
    {
        if (batch.Height < ChangeNetwork.MinimumSide || batch.Width < ChangeNetwork.MinimumSide)
            throw new ImageTooSmallException($"Sample '{batch.Keys[0]}' is {batch.Width}x{batch.Height}; networks need at least {ChangeNetwork.MinimumSide} pixels on each side.");
        var samples = (int)Math.Max(1, PixelsPerPass / ((long)batch.Height * batch.Width));
        for (var first = 0; first < batch.Count; first += samples)
            yield return (first, Math.Min(samples, batch.Count - first));
    }
}

/// <summary>An image that is too small for any network.</summary>
public sealed class ImageTooSmallException(string message) : Exception(message);
