using System.Runtime.CompilerServices;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Batches of noise with a changed square, each a function of (epoch, position) alone, as the real stream's are.</summary>
internal static class InventedBatches
{
    public const int BatchSize = 2;
    public const int Side = 32;

    /// <param name="samples">Samples of an epoch.</param>
    /// <param name="delivered">Hears the number of each batch of a training epoch before it is given out.</param>
    public static TrainingData Of(int samples, Action<int, int>? delivered = null, bool notANumber = false) => new()
    {
        SamplesPerEpoch = samples,
        StepsPerEpoch = (samples + BatchSize - 1) / BatchSize,
        ReadEpoch = (epoch, position, token) => ReadAsync(epoch, position, samples, delivered, notANumber, token),
        ReadValidation = token => ReadAsync(-1, 0, 3, null, false, token),
    };

    private static async IAsyncEnumerable<Batch> ReadAsync(
        int epoch, int position, int samples, Action<int, int>? delivered, bool notANumber, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (position < samples)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            delivered?.Invoke(epoch, position);
            var batch = Draw(epoch, position, Math.Min(BatchSize, samples - position));
            if (notANumber && epoch == 1)
                batch.Before[0] = float.NaN;
            yield return batch;
            position += batch.Count;
        }
    }

    public static Batch Draw(int epoch, int position, int count, int height = Side, int width = Side)
    {
        var random = new Random(epoch * 10_007 + position);
        var batch = new Batch
        {
            FirstPosition = position,
            Count = count,
            Height = height,
            Width = width,
            Channels = 3,
            Before = new float[count * height * width * 3],
            After = new float[count * height * width * 3],
            Mask = new byte[count * height * width],
            Keys = [.. Enumerable.Range(position, count).Select(i => $"sample-{i}")],
        };
        for (var i = 0; i < batch.Before.Length; i++)
            batch.After[i] = batch.Before[i] = random.NextSingle() - 0.5f;
        for (var sample = 0; sample < count; sample++)
        {
            for (var y = 4; y < height / 2; y++)
            {
                for (var x = 4; x < width / 2; x++)
                {
                    var pixel = (sample * height + y) * width + x;
                    batch.Mask[pixel] = 1;
                    batch.After[pixel * 3] += 1;
                }
            }
        }
        return batch;
    }
}
