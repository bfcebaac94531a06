using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Samples.Decoded;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>
/// One sample on its way to the decoder: as encoded bytes of its shard (<see cref="EncodedSample"/>), or as a record of the decoded cache
/// (<see cref="CachedSample"/>).
/// </summary>
internal abstract class LoadedSample(SampleRef place, string shard, string key) : IDisposable
{
    public SampleRef Place { get; } = place;
    public string Shard { get; } = shard;
    public string Key { get; } = key;

    /// <summary>Ends when all that the decoder waits for is there and verified.</summary>
    public Task Arrived { get; set; } = Task.CompletedTask;

    /// <summary>Whether the pixels come out of the decoded cache.</summary>
    public abstract bool IsDecoded { get; }

    /// <summary>Whether a pixel may be missing, so that there is a plane that says which are.</summary>
    public abstract bool HasMissingPixels { get; }

    /// <summary>Where the sample was cut from; null where it is a whole image, or where nobody says. Known once it has arrived.</summary>
    /// <exception cref="ShardCorruptException">It cannot be read, in a data set that <c>dataset pack</c> wrote.</exception>
    public abstract SampleOrigin? Origin { get; }

    /// <summary>The shape that before and after share but for their type, known without decoding.</summary>
    /// <param name="channels">Those of the data set, by its manifest.</param>
    /// <exception cref="SampleRejectedException">The images do not agree with each other or with the data set.</exception>
    /// <exception cref="ShardCorruptException">A header cannot be read.</exception>
    public abstract ImageShape CheckedShape(int channels);

    /// <summary>Makes the sample ready to be read.</summary>
    /// <param name="buffers">Stay the sample's until it is disposed.</param>
    /// <param name="cache">Where the pixels are kept for later epochs; null: nowhere.</param>
    /// <returns>The shape of before.</returns>
    /// <exception cref="ShardCorruptException">The bytes are no image.</exception>
    public abstract ImageShape Decode(PlaneBuffers buffers, DecodedSplit? cache);

    /// <summary>Rows of a plane, once the sample is decoded.</summary>
    /// <param name="top">The first row that is needed.</param>
    /// <param name="height">How many are.</param>
    /// <param name="buffers">Those that were given to <see cref="Decode"/>.</param>
    /// <param name="firstRow">The row of the plane that the result begins with, at most <paramref name="top"/>.</param>
    /// <returns>Whole rows; null where they are not what was recorded, and the sample has to be read again.</returns>
    public abstract PixelImage? Read(DecodedPlane plane, int top, int height, PlaneBuffers buffers, out int firstRow);

    public abstract void Dispose();
}
