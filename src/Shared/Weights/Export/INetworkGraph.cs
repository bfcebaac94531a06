namespace ChangeDetection.Weights.Export;

/// <summary>
/// A format that can hold a network's computation: told of one step after the other, each of which names its result. Layers are named as in the
/// weights (<c>conv11</c> has <c>conv11.weight</c>). Maps are [N, C, H, W].
/// </summary>
internal interface INetworkGraph
{
    string Convolution(string layer, string x, ConvolutionShape shape);

    /// <summary>Batch normalization by running statistics, ε = 1e-5.</summary>
    string Normalization(string layer, string x);

    /// <summary>Every channel of every image to mean 0 and deviation 1, ε = 1e-5; without weights.</summary>
    string NormalizeEach(string x);

    string Rectify(string x);

    /// <summary>Values below 0 times the layer's one weight.</summary>
    string RectifyLeaky(string layer, string x);

    string Sigmoid(string x);

    string LogSigmoid(string x);

    string Negate(string x);

    /// <summary>|x|.</summary>
    string Absolute(string x);

    string Add(string a, string b);

    /// <summary>a − b.</summary>
    string Subtract(string a, string b);

    /// <summary>Element by element; an axis of 1 is repeated.</summary>
    string Multiply(string a, string b);

    /// <summary>Maximum of 2x2 pixels, stride 2; an odd last row or column is left out.</summary>
    string Pool(string x);

    /// <summary>Of all pixels of a channel: [N, C, 1, 1].</summary>
    string MeanOfPixels(string x);

    /// <summary>Of all pixels of a channel: [N, C, 1, 1].</summary>
    string MaximumOfPixels(string x);

    /// <summary>By repeating the last row and column, to the height and width of another map.</summary>
    string RepeatTo(string x, string like);

    /// <summary>By repeating the last row and column, to the next multiple of both.</summary>
    string RepeatToMultiple(string x, int multiple);

    /// <summary>The upper left of the height and width of another map.</summary>
    string CutTo(string x, string like);

    /// <summary>Each pixel four times.</summary>
    string Double(string x);

    /// <summary>Bilinear, corners aligned, to the height and width of another map.</summary>
    string ResizeTo(string x, string like);

    string Concatenate(params IReadOnlyList<string> maps);

    /// <summary>Channels of two maps in turn: the first of a, the first of b, the second of a …</summary>
    string Interleave(string a, string b);

    /// <summary>Over channels.</summary>
    string LogSoftmax(string x);
}
