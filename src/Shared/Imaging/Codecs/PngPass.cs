namespace ChangeDetection.Imaging.Codecs;

/// <summary>One pass over a PNG's pixels: every so many columns and rows, from a first one on.</summary>
internal readonly record struct PngPass(int Left, int Top, int Across, int Down)
{
    private static readonly PngPass[] s_whole = [new(0, 0, 1, 1)];

    /// <summary>PNG specification, 8.2.</summary>
    private static readonly PngPass[] s_adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    /// <summary>The passes in which a file stores its pixels.</summary>
    public static IReadOnlyList<PngPass> Of(PngHeader header) => header.Interlaced ? s_adam7 : s_whole;

    /// <summary>Columns of an image that the pass has.</summary>
    public int Columns(int width) => (width - Left + Across - 1) / Across;

    /// <summary>Rows of an image that the pass has.</summary>
    public int Rows(int height) => (height - Top + Down - 1) / Down;
}
