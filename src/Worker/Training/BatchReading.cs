using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Training;

/// <summary>Batches as the compute thread takes them.</summary>
internal static class BatchReading
{
    /// <summary>
    /// Blocks for each batch and disposes the one before; <paramref name="waited"/> is called with the length of each wait, and whether it was for
    /// the first batch.
    /// </summary>
    /// <exception cref="ImageTooSmallException">The images are smaller than a network can take.</exception>
    public static IEnumerable<Batch> Blocking(
        this IAsyncEnumerable<Batch> batches, TimeProvider time, Action<TimeSpan, bool> waited, CancellationToken cancellationToken)
    {
        using var reader = batches.ToBlockingEnumerable(cancellationToken).GetEnumerator();
        for (var first = true; ; first = false)
        {
            var start = time.GetTimestamp();
            if (!reader.MoveNext())
                yield break;
            waited(time.GetElapsedTime(start), first);
            using var batch = reader.Current;
            if (Math.Min(batch.Height, batch.Width) < ChangeNetwork.MinimumSide)
                throw new ImageTooSmallException(batch);
            yield return batch;
        }
    }
}

/// <summary>Images that are too small for any network.</summary>
public sealed class ImageTooSmallException(Batch batch)
    : Exception(
        $"Sample '{batch.Keys[0]}' is {batch.Width}x{batch.Height}; networks need at least {ChangeNetwork.MinimumSide} pixels on each side. Pack " +
            "larger tiles.");
