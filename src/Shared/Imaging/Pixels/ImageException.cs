namespace ChangeDetection.Imaging.Pixels;

/// <summary>Why an image was refused.</summary>
public enum ImageFault
{
    /// <summary>Cut short, or its bytes contradict each other.</summary>
    Damaged,
    /// <summary>The header declares more than <see cref="ImageLimits"/> allows.</summary>
    TooLarge,
    /// <summary>A sound file of a kind that this system does not read or write.</summary>
    Unsupported,
    /// <summary>A sound file that can be read in several ways: which one is right has to be said.</summary>
    Ambiguous,
}

/// <summary>An image that cannot be read or written. The message names the file, what is wrong with it, and what to do.</summary>
public sealed class ImageException : Exception
{
    public ImageException(string file, ImageFault fault, string wrong, string remedy, Exception? inner = null)
        : base($"{file}: {wrong}. {remedy}", inner) => (File, Fault) = (file, fault);

    /// <summary>The name that the caller gave the file.</summary>
    public string File { get; }

    public ImageFault Fault { get; }

    internal static ImageException Truncated(string file, string what, Exception? inner = null) =>
        new(file, ImageFault.Damaged, $"truncated: {what}", "Copy or download the file again.", inner);

    internal static ImageException Damaged(string file, string what, Exception? inner = null) =>
        new(file, ImageFault.Damaged, $"damaged: {what}", "Copy or download the file again.", inner);

    internal static ImageException Unsupported(string file, string what) =>
        Unsupported(file, what, "Convert it to PNG, TIFF or .npy.");

    /// <param name="remedy">A sentence, best a command.</param>
    internal static ImageException Unsupported(string file, string what, string remedy) =>
        new(file, ImageFault.Unsupported, $"unsupported: {what}", remedy);
}
