using System.Globalization;

namespace ChangeDetection.Core.Configuration;

/// <summary>How pixel values become network input.</summary>
public sealed record Normalization
{
    /// <summary>How figures are written in one word, for messages.</summary>
    public const string Form = "mean=M,M,M;deviation=D,D,D";

    private static readonly (string Word, NormalizationKind Kind)[] s_words =
    [
        ("dataset", NormalizationKind.Dataset), ("image", NormalizationKind.Image), ("unit", NormalizationKind.Unit),
        ("imagenet", NormalizationKind.ImageNet),
    ];

    private Normalization(NormalizationKind kind, NormalizationFigures? figures = null) => (Kind, Figures) = (kind, figures);

    public static Normalization Dataset { get; } = new(NormalizationKind.Dataset);

    public static Normalization Image { get; } = new(NormalizationKind.Image);

    public static Normalization Unit { get; } = new(NormalizationKind.Unit);

    /// <summary>Figures as torchvision's models have them (https://docs.pytorch.org/vision/stable/models.html), of red, green and blue.</summary>
    public static Normalization ImageNet { get; } =
        new(NormalizationKind.ImageNet, new NormalizationFigures { Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225] });

    public static Normalization Given(NormalizationFigures figures) => new(NormalizationKind.Given, figures);

    public NormalizationKind Kind { get; }

    /// <summary>Of <see cref="NormalizationKind.ImageNet"/> and <see cref="NormalizationKind.Given"/>; null of the others.</summary>
    public NormalizationFigures? Figures { get; }

    /// <summary>The words that stand for one without figures of the user's.</summary>
    public static IEnumerable<string> Words => s_words.Select(option => option.Word);

    /// <summary>One of <see cref="Words"/>; null for figures that were given.</summary>
    public string? Word => Array.Find(s_words, option => option.Kind == Kind).Word;

    /// <summary>Null where it is none of <see cref="Words"/>.</summary>
    public static Normalization? OfWord(string? word) => Array.Find(s_words, option => option.Word == word) switch
    {
        (null, _) => null,
        (_, NormalizationKind.ImageNet) => ImageNet,
        (_, var kind) => new Normalization(kind),
    };

    /// <summary>
    /// Reads <see cref="Words"/>, or <c>mean=M,M,M;deviation=D,D,D</c>, behind which <c>;units=stored</c> may stand. Null where the text is anything else.
    /// </summary>
    public static Normalization? TryParse(string text)
    {
        if (OfWord(text) is { } known)
            return known;
        var parts = text.Split(';').Select(part => part.Split('=', 2)).ToList();
        var (mean, deviation) = (Numbers("mean"), Numbers("deviation"));
        var stored = parts.Find(part => part[0].Trim() == "units") is [_, var units] ? units.Trim() : null;
        var isWhole = parts.Count == (stored is null ? 2 : 3) && stored is null or "stored" or "range";
        return isWhole && mean is { } means && deviation is { } deviations && deviations.All(value => value > 0)
            ? Given(new NormalizationFigures { Mean = means, Deviation = deviations, Units = stored is "stored" ? ValueUnits.Stored : ValueUnits.Range })
            : null;

        ValueList<double>? Numbers(string name)
        {
            if (parts.Find(part => part[0].Trim() == name) is not [_, var list])
                return null;
            var numbers = list.Trim().Trim('[', ']').Split(',').Select(number =>
                double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN).ToArray();
            return numbers.All(double.IsFinite) ? [.. numbers] : null;
        }
    }

    /// <summary>What keeps it from images of so many channels, and the remedy; null where nothing does.</summary>
    public (string Message, string Remedy)? Problem(int channels)
    {
        if (Kind is NormalizationKind.ImageNet && channels != Figures!.Mean.Count)
            return ($"imagenet has figures of three channels, red, green and blue, and the network takes {channels}",
                "Write a mean and a deviation for each channel: { mean: [...], deviation: [...] }; or dataset, image or unit.");
        if (Figures is not { Mean.Count: var means, Deviation.Count: var deviations } || (means, deviations) == (channels, channels))
            return null;
        return ($"has {means} means and {deviations} deviations, and the network takes {channels} channels", "Write one of each for every channel.");
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => Word ?? Figures!.ToString();
}

/// <summary>The ways to normalise; x is a stored value.</summary>
public enum NormalizationKind
{
    /// <summary>(x − mean) / deviation per channel, by the training split's statistics in the manifest.</summary>
    Dataset,
    /// <summary>(x − mean) / deviation, one mean and deviation over all channels and pixels of each image.</summary>
    Image,
    /// <summary>x divided by the largest value of its type (255, 65535; 1 for float).</summary>
    Unit,
    /// <summary>As <see cref="Unit"/>, and then (x − mean) / deviation per channel, by the figures of ImageNet: three channels, red, green, blue.</summary>
    ImageNet,
    /// <summary>(x − mean) / deviation per channel, by figures of the user's, in the units that they say.</summary>
    Given,
}

/// <summary>In which units means and deviations are.</summary>
public enum ValueUnits
{
    /// <summary>Parts of the type's range, 0 to 1 for whole numbers: of values divided by 255 or 65535, of float as they are.</summary>
    Range,
    /// <summary>As values are stored, and as a data set's statistics are.</summary>
    Stored,
}

/// <summary>A mean and a deviation for each channel.</summary>
public sealed record NormalizationFigures
{
    public ValueList<double> Mean { get; init; } = [];
    /// <summary>All above 0.</summary>
    public ValueList<double> Deviation { get; init; } = [];
    public ValueUnits Units { get; init; } = ValueUnits.Range;

    /// <summary>Whether they can be figures of values that are divided by their type's largest: no mean outside 0 to 1, no deviation above 1.</summary>
    public bool FitWholeNumbers => Units is ValueUnits.Stored || Mean.All(value => value is >= 0 and <= 1) && Deviation.All(value => value <= 1);

    public override string ToString() => $"mean={Text(Mean)};deviation={Text(Deviation)}{(Units is ValueUnits.Stored ? ";units=stored" : "")}";

    private static string Text(ValueList<double> values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
