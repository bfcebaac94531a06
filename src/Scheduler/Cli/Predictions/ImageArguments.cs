using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The options of <c>predict</c> that say which two images, and how values of images are read.</summary>
internal sealed class ImageArguments
{
    private readonly Option<string?> _before = new("--before") { Description = "Image of the earlier date: GeoTIFF, PNG, BMP, JPEG or WebP, of any size." };

    private readonly Option<string?> _after = new("--after") { Description = "Image of the later date, of the same pixels of the earth." };

    private readonly Option<double?> _noData = new("--nodata")
    {
        Description = "The value of pixels that are none, in all bands; without it, what each image says (GDAL_NODATA).",
    };

    private readonly Option<string> _alpha = new("--alpha")
    {
        DefaultValueFactory = _ => PredictionRequest.AlphaUses[0],
        Description =
            "What the images' alpha is: mask (0 is no pixel), band (a band like the others) or drop; auto takes one of 0 and the maximum alone for a " +
            "mask, and refuses others.",
    };

    private readonly Option<string?> _rescale = RescaleOption.Create("the scene's");

    public ImageArguments() => _alpha.AcceptOnlyFromAmong([.. PredictionRequest.AlphaUses]);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_before, _after, _noData, _alpha, _rescale])
            command.Options.Add(option);
    }

    /// <summary>Whether one pair is named.</summary>
    public bool NamesFiles(ParseResult parsed) => parsed.GetValue(_before) is not null || parsed.GetValue(_after) is not null;

    /// <summary>The pair that is named.</summary>
    /// <exception cref="CommandException">None is; or a file is missing, or an option has no such value.</exception>
    public ScenePair PairOf(ParseResult parsed)
    {
        return Pairs(parsed)(Image("--before", parsed.GetValue(_before)), Image("--after", parsed.GetValue(_after)));
    }

    /// <summary>Makes pairs of any two files, as the options say of values.</summary>
    /// <exception cref="CommandException">An option has no such value.</exception>
    public Func<string, string, ScenePair> Pairs(ParseResult parsed)
    {
        var rescaling = RescaleOption.Of(parsed.GetValue(_rescale));
        var noData = parsed.GetValue(_noData);
        if (noData is { } value && !double.IsFinite(value))
            throw new CommandException("--nodata is no number; what is not finite is no pixel anyway. Nothing was queued.");
        return (before, after) => new(before, after, noData, parsed.GetRequiredValue(_alpha), rescaling);
    }

    private static string Image(string option, string? path) =>
        path is null ? throw new CommandException(
            $"{option} is missing. Name two images (--before, --after), or many pairs (SOURCE --layout, or --dataset --split). Nothing was queued.")
        : File.Exists(path) ? Path.GetFullPath(path)
        : throw new CommandException($"{option}: there is no file '{path}'.");

    /// <summary>How the values of a data set's samples are mapped. What no pixel is was decided when they were packed.</summary>
    /// <exception cref="CommandException">Something else is said of them.</exception>
    public ValueRescaling? RescalingOfSamples(ParseResult parsed) =>
        parsed.GetValue(_noData) is not null || parsed.GetRequiredValue(_alpha) != PredictionRequest.AlphaUses[0]
            ? throw new CommandException(
                "--nodata and --alpha are for files; of a packed data set that was decided when it was packed. Leave them out. Nothing was queued.")
            : RescaleOption.Of(parsed.GetValue(_rescale));
}
