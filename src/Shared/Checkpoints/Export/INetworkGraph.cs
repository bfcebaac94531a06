namespace ChangeDetection.Checkpoints.Export;

/// <summary>
/// A format that can hold a network's computation: told of one step after the other, each of which names its result. Layers are named as in the
/// weights (<c>conv11</c> has <c>conv11.weight</c>). Maps are [N, C, H, W]; kernels of convolutions are 3x3.
/// </summary>
internal interface INetworkGraph
{
    /// <summary>Stride 1, padding 1; weight [out, in, 3, 3].</summary>
    string Convolution(string layer, string x);

    /// <summary>Transposed, padding 1, weight [in, out, 3, 3]: stride 1 keeps the size; stride 2, with output padding 1, doubles it.</summary>
    string TransposedConvolution(string layer, string x, int stride);

    /// <summary>Batch normalization by running statistics, ε = 1e-5.</summary>
    string Normalization(string layer, string x);

    string Rectify(string x);

    /// <summary>Maximum of 2x2 pixels, stride 2; an odd last row or column is left out.</summary>
    string Pool(string x);

    /// <summary>By repeating the last row and column, to the height and width of another map.</summary>
    string RepeatTo(string x, string like);

    string Concatenate(params IReadOnlyList<string> maps);

    /// <summary>|a − b|.</summary>
    string AbsoluteDifference(string a, string b);

    /// <summary>Over channels.</summary>
    string LogSoftmax(string x);
}
