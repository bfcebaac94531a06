namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The networks a config may name. Shared knows no TorchSharp, so the list stands here, and the worker's catalogue builds each one.
/// </summary>
public static class ModelNames
{
    /// <summary>FC-EF of Daudt et al. 2018: both dates side by side through one network.</summary>
    public const string FcEf = "fc-ef";
    /// <summary>FC-Siam-conc of Daudt et al. 2018: one encoder for both dates, features of both as skips.</summary>
    public const string FcSiamConc = "fc-siam-conc";
    /// <summary>FC-Siam-diff of Daudt et al. 2018: one encoder for both dates, absolute differences of features as skips.</summary>
    public const string FcSiamDiff = "fc-siam-diff";
    /// <summary>FresUNet of Daudt et al. 2019: early fusion in a U of residual blocks.</summary>
    public const string FresUNet = "fresunet";
    /// <summary>A Keras variant of FC-Siam-diff with two towers and 2x2 kernels.</summary>
    public const string SiameseFcnn = "siamese-fcnn";
    /// <summary>SNUNet-CD of Fang et al. 2022: a nested U with channel attention.</summary>
    public const string SnUNet = "snunet";
    /// <summary>TinyCD of Codegoni et al. 2023: a small network on the first stages of EfficientNet-B4.</summary>
    public const string TinyCd = "tinycd";

    public static IReadOnlyList<string> All { get; } = [FcEf, FcSiamConc, FcSiamDiff, FresUNet, SiameseFcnn, SnUNet, TinyCd];
}
