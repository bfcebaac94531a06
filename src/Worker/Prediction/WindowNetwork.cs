using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Prediction;

/// <summary>A part of a scene: rows and columns from the first to the one behind the last.</summary>
internal readonly record struct Window(int Top, int Bottom, int Left, int Right)
{
    public int Height => Bottom - Top;
    public int Width => Right - Left;
    public int Pixels => Height * Width;
}

/// <summary>A network in evaluation mode on parts of a scene. Pixels are normalised by the same code as in training.</summary>
internal sealed class WindowNetwork(ChangeNetwork network, ComputeDevice device, SceneNormalization normalization)
{
    private readonly PixelCopier _copier = new();
    private float[] _input = [];
    private float[] _probability = [];

    /// <summary>Kinds of change that it distinguishes.</summary>
    public int Kinds => network.Classes - 1;

    /// <summary>Probability of each kind of change, [<see cref="Kinds"/>, height, width], of a window whose rows are held; valid until the next call.</summary>
    public ReadOnlySpan<float> Predict(SceneRows rows, Window window)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var before = Upload(rows, rows.Before, normalization.Before, window);
        var after = Upload(rows, rows.After, normalization.After, window);
        var output = network.call(before, after);
        var changed = output.narrow(1, 1, Kinds).exp().cpu().contiguous();
        var values = Kinds * window.Pixels;
        if (_probability.Length < values)
            _probability = new float[values];
        MemoryMarshal.Cast<byte, float>(changed.bytes).CopyTo(_probability);
        return _probability.AsSpan(0, values);
    }

    private Tensor Upload(SceneRows rows, PixelImage image, Normalizer normalizer, Window window)
    {
        var channels = image.Shape.Channels;
        var values = window.Height * window.Width * channels;
        if (_input.Length < values)
            _input = GC.AllocateUninitializedArray<float>(values);
        _copier.CopyImage(image, new GeometricAugmentation(window.Top - rows.First, window.Left, window.Height, window.Width), normalizer, _input);
        // What a date does not show is the same in both: nothing changes there, and no value far from all others reaches the pixels around.
        for (var y = window.Top; y < window.Bottom; y++)
        {
            var missing = rows.Missing(y)[window.Left..window.Right];
            for (var x = missing.IndexOf((byte)1); x >= 0 && x < missing.Length; x++)
            {
                if (missing[x] != 0)
                    _input.AsSpan(((y - window.Top) * window.Width + x) * channels, channels).Clear();
            }
        }
        return device.Upload(_input, window.Height, window.Width, channels);
    }
}
