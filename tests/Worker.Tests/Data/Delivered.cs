using System.IO.Hashing;
using System.Runtime.InteropServices;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>What came out of a stream: the batches' keys, and a hash over every bit of them.</summary>
internal sealed record Delivered(IReadOnlyList<IReadOnlyList<string>> Batches, string Hash)
{
    public IEnumerable<string> Keys => Batches.SelectMany(batch => batch);

    /// <summary>Reads to the end. The hash is over samples in order, so it does not depend on where batches begin.</summary>
    public static async Task<Delivered> ReadAsync(IAsyncEnumerable<Batch> batches)
    {
        var hash = new XxHash128();
        var keys = new List<IReadOnlyList<string>>();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                keys.Add([.. batch.Keys]);
                Append(hash, batch);
            }
        }
        return new Delivered(keys, Convert.ToHexString(hash.GetCurrentHash()));
    }

    private static void Append(XxHash128 hash, Batch batch)
    {
        var pixels = batch.Height * batch.Width;
        var values = pixels * batch.Channels;
        Assert.Equal(batch.Count, batch.Keys.Count);
        for (var row = 0; row < batch.Count; row++)
        {
            hash.Append(BitConverter.GetBytes(batch.FirstPosition + row));
            hash.Append(MemoryMarshal.AsBytes(batch.Before.AsSpan(row * values, values)));
            hash.Append(MemoryMarshal.AsBytes(batch.After.AsSpan(row * values, values)));
            hash.Append(batch.Mask.AsSpan(row * pixels, pixels));
        }
    }
}
