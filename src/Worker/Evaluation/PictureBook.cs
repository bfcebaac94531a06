using System.Security.Cryptography;
using ChangeDetection.Images;
using ChangeDetection.Images.Pictures;
using ChangeDetection.Runs;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// Chooses samples for pictures, spread over a split that is seen once and in order: of each of as many equal stretches as there are pictures,
/// the first sample with change, or the first sample where none has any. At most one picture waits in memory.
/// </summary>
/// <param name="samples">Samples of the split.</param>
/// <param name="pictures">Pictures wanted.</param>
/// <param name="publish">Gets each chosen picture.</param>
public sealed class PictureBook(int samples, int pictures, Action<SamplePicture> publish)
{
    private const int MaxKeyLength = 100;

    private long _stretch = -1;
    private SamplePicture? _candidate;

    /// <param name="logProbability">[N, 2, H, W] on any device.</param>
    public void Add(Batch batch, Tensor logProbability)
    {
        for (var i = 0; i < batch.Count && pictures > 0; i++)
            Consider(batch, i, logProbability);
    }

    /// <summary>Publishes the last stretch's picture.</summary>
    public void Close()
    {
        if (_candidate is { } chosen)
            publish(chosen);
        _candidate = null;
    }

    private void Consider(Batch batch, int index, Tensor logProbability)
    {
        var position = batch.FirstPosition + index;
        var stretch = (long)position * Math.Min(pictures, samples) / samples;
        if (stretch != _stretch)
        {
            Close();
            _stretch = stretch;
        }
        var pixels = batch.Height * batch.Width;
        var hasChange = batch.Mask.AsSpan(index * pixels, pixels).Contains((byte)1);
        if (_candidate is null || (hasChange && !_candidate.HasChange))
            _candidate = Draw(batch, index, position, hasChange, logProbability);
    }

    private static SamplePicture Draw(Batch batch, int index, int position, bool hasChange, Tensor logProbability)
    {
        using var scope = NewDisposeScope();
        var output = logProbability.narrow(0, index, 1);
        var prediction = (output.select(1, 1) > output.select(1, 0)).to(uint8).cpu().contiguous().bytes.ToArray();
        var pixels = batch.Height * batch.Width;
        var mask = batch.Mask.AsSpan(index * pixels, pixels).ToArray();
        var binary = new ImageShape(batch.Width, batch.Height, 1, PixelType.UInt8);
        var picture = ChangePicture.Compose(
            Image(batch, batch.Before, index), Image(batch, batch.After, index), new PixelImage(binary, mask), new PixelImage(binary, prediction));
        var name = $"{position:D6}-{batch.Keys[index].Replace('/', '_')}";
        return new SamplePicture(name.Length > MaxKeyLength ? name[..MaxKeyLength] : name, PngEncoder.Encode(picture), hasChange, Count(prediction, mask));
    }

    /// <summary>The normalised values, which the picture stretches to what can be seen.</summary>
    private static PixelImage Image(Batch batch, float[] values, int index)
    {
        var shape = new ImageShape(batch.Width, batch.Height, batch.Channels, PixelType.Float32);
        var bytes = new byte[shape.Bytes];
        Buffer.BlockCopy(values, index * bytes.Length, bytes, 0, bytes.Length);
        return new PixelImage(shape, bytes);
    }

    private static ConfusionCounts Count(byte[] prediction, byte[] mask)
    {
        Span<long> counts = stackalloc long[4];
        for (var i = 0; i < mask.Length; i++)
            counts[2 * prediction[i] + mask[i]]++;
        return new ConfusionCounts(TruePositive: counts[3], FalsePositive: counts[2], FalseNegative: counts[1], TrueNegative: counts[0]);
    }
}

/// <summary>A sample's picture as a PNG file, and how well the sample was predicted.</summary>
public sealed record SamplePicture(string Name, byte[] Png, bool HasChange, ConfusionCounts Counts)
{
    /// <summary>Stores the picture and offers it for the run's page.</summary>
    public async Task StoreAsync(IObjectStore store, TrainerAssignment assignment, ITrainerLink link, CancellationToken cancellationToken)
    {
        var key = RunObject.Picture(assignment.Run, Name, assignment.Attempt);
        await store.PutAsync(key, (stream, token) => stream.WriteAsync(Png, token).AsTask(), cancellationToken);
        var figures = Counts.Named("sample").ToDictionary();
        link.Artifact(new ArtifactOffer(Name, key.Value, "image/png", Png.Length, Convert.ToHexStringLower(SHA256.HashData(Png)), figures));
    }
}
