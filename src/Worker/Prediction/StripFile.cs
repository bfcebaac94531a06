using System.IO.Compression;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// A finished strip as an object: deflated, first the class of each pixel (0, the kind of change, or 255 where nothing is known), then, where it is
/// wanted, the probability of change of each as float32 (NaN where nothing is known). The row in <c>strips</c> holds its hash.
/// </summary>
internal static class StripFile
{
    public const byte NoData = 255;

    /// <summary>Stores a strip.</summary>
    /// <param name="probability">Empty where it is not wanted.</param>
    public static StoredStrip Put(
        IObjectStore store, Guid run, int attempt, int strip, StripRows rows, ReadOnlyMemory<byte> classes, ReadOnlyMemory<float> probability)
    {
        var key = RunObject.Strip(run, strip, attempt);
        var (hash, length) = ("", 0L);
        store.PutAsync(key, (stream, _) =>
        {
            using var hashing = new HashingStream(stream);
            using (var deflate = new ZLibStream(hashing, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflate.Write(classes.Span);
                deflate.Write(MemoryMarshal.AsBytes(probability.Span));
            }
            (hash, length) = (hashing.Sha256(), hashing.Written);
            return Task.CompletedTask;
        }, CancellationToken.None).GetAwaiter().GetResult();
        return new StoredStrip(strip, rows.First, rows.Count, key.Value, length, hash);
    }

    /// <summary>Whether a strip of an attempt before is there, whole.</summary>
    public static bool IsIntact(IObjectStore store, StoredStrip strip)
    {
        if (store.LengthAsync(new ObjectKey(strip.ObjectKey), CancellationToken.None).GetAwaiter().GetResult() != strip.Bytes)
            return false;
        try
        {
            using var stream = OpenStored(store, strip);
            stream.RequireEnd();
            return true;
        }
        catch (Exception exception) when (exception is ObjectNotFoundException or ObjectDamagedException)
        {
            return false;
        }
    }

    /// <summary>Opens a strip's values; <see cref="StripReader.RequireEnd"/> checks at the end whether they were the stored ones.</summary>
    public static StripReader Open(IObjectStore store, StoredStrip strip) => new(OpenStored(store, strip));

    /// <summary>Opens the object as it is stored; its end checks it.</summary>
    public static VerifyingStream OpenStored(IObjectStore store, StoredStrip strip) => VerifyingStream.OpenAsync(
        store, new PublishedObject(new ObjectKey(strip.ObjectKey), strip.Sha256, "The strip is made again."), CancellationToken.None).GetAwaiter().GetResult();
}
