namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The networks a config may name, and what is known of them without TorchSharp: <c>model list</c> is answered from here in no time.
/// A new one is a line of <see cref="Summaries"/>; the constants are for those that code speaks of. What builds a network is marked with its name
/// in the worker, and what writes its computation in Weights (<see cref="ImplementsAttribute"/>).
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

    private const string Daudt2018 = "Daudt, Le Saux, Boulch: Fully convolutional siamese networks for change detection, ICIP 2018";
    private const string Daudt2019 = "Daudt, Le Saux, Boulch, Gousseau: Multitask learning for large-scale semantic change detection, CVIU 187, 2019";
    private const string Fang2022 = "Fang, Li, Shao, Li: SNUNet-CD: a densely connected siamese network for change detection of VHR images, IEEE GRSL 19, 2022";
    private const string Codegoni2023 =
        "Codegoni, Lombardi, Ferrari: TINYCD: a (not so) deep learning model for change detection, Neural Computing and Applications 35, 2023";

    /// <summary>What is known of each network without building it.</summary>
    public static IReadOnlyList<ModelSummary> Summaries { get; } =
    [
        new(FcEf, "both dates side by side through one network", Daudt2018, 1_350_578),
        new(FcSiamConc, "one encoder for both dates, features of both as skips", Daudt2018, 1_545_986),
        new(FcSiamDiff, "one encoder for both dates, absolute differences as skips", Daudt2018, 1_350_146),
        new(FresUNet, "both dates side by side through a network of residual blocks", Daudt2019, 1_103_874),
        new(SiameseFcnn, "two encoders, signed differences, 2x2 kernels, linear but for max pooling", "a Keras variant of FC-Siam-diff", 1_291_713),
        new(SnUNet, "a nested U over the features of both dates, with channel attention", Fang2022, 12_034_978),
        new(TinyCd, "the first stages of EfficientNet-B4, masks from both dates, a decoder multiplied with them", Codegoni2023, 285_128)
        {
            PublishedNormalization = Normalization.ImageNet,
        },
    ];

    public static IReadOnlyList<string> All { get; } = [.. Summaries.Select(model => model.Name)];
}

/// <summary>A line of <c>model list</c>.</summary>
/// <param name="Source">Where the network was published.</param>
/// <param name="Parameters">Trainable numbers with three channels per date.</param>
public sealed record ModelSummary(string Name, string Summary, string Source, long Parameters)
{
    /// <summary>Channels per date that <see cref="Parameters"/> holds for.</summary>
    public const int Channels = 3;

    /// <summary>How images become the input of the weights that the authors published; null where they published none, or do not say.</summary>
    public Normalization? PublishedNormalization { get; init; }
}
