using ChangeDetection.Datasets.Masks;
using ChangeDetection.Imaging.Pictures;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>A sample's picture as a PNG file, and how well the sample was predicted.</summary>
/// <param name="Name">Of the file, without its extension.</param>
/// <param name="Key">The sample's in the data set.</param>
/// <param name="Counts">Of change, whatever kinds of it there are, among the labelled pixels.</param>
public sealed record SamplePicture(string Name, string Key, byte[] Png, ConfusionCounts Counts)
{
    private const int MaxNameLength = 100;

    /// <summary>Draws one sample of a batch: any kind of change as change, unlabelled pixels grey.</summary>
    public static SamplePicture Draw(string prefix, Batch batch, int index, ScoredBatch scored)
    {
        var pixels = batch.Height * batch.Width;
        var binary = new ImageShape(batch.Width, batch.Height, 1, PixelType.UInt8);
        var picture = ChangePicture.Compose(
            Image(batch, batch.Before, index), Image(batch, batch.After, index),
            new PixelImage(binary, batch.Mask.AsSpan(index * pixels, pixels).ToArray()), new PixelImage(binary, scored.PredictionOf(index)),
            MaskReader.Ignored);
        return new SamplePicture(NameOf(prefix, batch.Keys[index]), batch.Keys[index], PictureEncoder.Encode(picture), scored.Images[index].Change);
    }

    /// <summary>The same picture under another first part of its name.</summary>
    public SamplePicture Renamed(string prefix) => this with { Name = NameOf(prefix, Key) };

    private static string NameOf(string prefix, string key)
    {
        var name = $"{prefix}-{key.Replace('/', '_')}";
        return name.Length > MaxNameLength ? name[..MaxNameLength] : name;
    }

    /// <summary>The normalised values, which the picture stretches to what can be seen.</summary>
    private static PixelImage Image(Batch batch, float[] values, int index)
    {
        var shape = new ImageShape(batch.Width, batch.Height, batch.Channels, PixelType.Float32);
        var bytes = new byte[shape.Bytes];
        Buffer.BlockCopy(values, index * bytes.Length, bytes, 0, bytes.Length);
        return new PixelImage(shape, bytes);
    }
}
