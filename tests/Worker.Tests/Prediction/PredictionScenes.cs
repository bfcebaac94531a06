using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.Tensors;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Prediction;

/// <summary>Images of two dates for predictions, invented or from golden files, and what a network gets of them.</summary>
internal static class PredictionScenes
{
    public const int Width = 90, Height = 120;

    /// <summary>Values from 1 on, where a corner may be 0.</summary>
    public static PixelImage Invented(int seed, bool missing)
    {
        var random = new Random(seed);
        var pixels = new byte[Width * Height * 3];
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = missing && at / 3 % Width >= 60 && at / 3 / Width < 20 ? (byte)0 : (byte)random.Next(1, 256);
        return new PixelImage(new ImageShape(Width, Height, 3, PixelType.UInt8), pixels);
    }

    public static Tensor Normalised(int seed, string kind)
    {
        var values = tensor(Invented(seed, false).Pixels.Select(value => (float)value).ToArray()).reshape(1, Height, Width, 3);
        var normalised = kind switch
        {
            "unit" => values / 255,
            "image" => (values - values.mean()) / values.std(unbiased: false),
            _ => (values - tensor(new float[] { 90, 100, 110 })) / tensor(new float[] { 50, 60, 70 }),
        };
        return normalised.permute(0, 3, 1, 2);
    }

    public static async Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(string name)
    {
        var path = Repository.SharedOrSkip(name);
        await using var file = File.OpenRead(path);
        return await Safetensors.ReadAsync(file, file.Length, path, TestContext.Current.CancellationToken);
    }

    /// <summary>[1, 3, H, W] as an interleaved image.</summary>
    public static PixelImage Image(TensorData data)
    {
        var (height, width) = ((int)data.Shape[2], (int)data.Shape[3]);
        var values = MemoryMarshal.Cast<byte, float>(data.Bytes.Span);
        var pixels = new float[height * width * 3];
        for (var at = 0; at < pixels.Length; at++)
            pixels[at] = values[at % 3 * height * width + at / 3];
        return new PixelImage(new ImageShape(width, height, 3, PixelType.Float32), MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray());
    }
}
