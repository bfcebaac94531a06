using System.CommandLine;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>
/// Two images on this machine and how their values are to be read: what does not fit is said before anything is queued, and not later by a worker.
/// </summary>
internal sealed record ScenePair(string Before, string After, double? NoData, string Alpha, ValueRescaling? Rescaling)
{
    private NoDataRule Rule => new(NoData, Enum.Parse<AlphaUse>(Alpha, ignoreCase: true));

    /// <summary>Whether the two fit together. Of a band of alpha all is looked at, of anything else the headers.</summary>
    /// <exception cref="CommandException">A file is missing, or of a kind that is not read.</exception>
    /// <exception cref="RasterPairException">They do not fit.</exception>
    public void Check() => WithBoth(static (before, after) => RasterPair.Check(before, after));

    /// <summary>Whether they are such as the network was trained on.</summary>
    /// <returns>Warnings about values that lie far off those of the training.</returns>
    /// <exception cref="RasterPairException">They are not.</exception>
    public IReadOnlyList<string> CheckAgainst(CheckpointManifest trained)
    {
        var warnings = new List<string>();
        WithBoth((before, after) =>
        {
            SceneCompatibility.Check(trained, before, after, Rescaling);
            foreach (var date in (IRasterReader[])[before, after])
            {
                if (SceneCompatibility.Warning(trained, SceneCompatibility.Rescaled(date, trained, Rescaling)) is { } warning)
                    warnings.Add(warning);
            }
        });
        return warnings;
    }

    private void WithBoth(Action<IRasterReader, IRasterReader> act)
    {
        var refused = new List<string>();
        using var before = Open(Before, refused);
        using var after = Open(After, refused);
        if (before is null || after is null)
            throw new CommandException($"{string.Join('\n', refused)}\nNothing was queued.");
        act(before, after);
    }

    /// <summary>Null where the file is of a kind that is not read; both are told at once.</summary>
    private IRasterReader? Open(string path, List<string> refused)
    {
        try
        {
            return RasterFile.Open(path, rule: Rule);
        }
        catch (ImageException exception) when (exception.Fault == ImageFault.Unsupported)
        {
            refused.Add(exception.Message);
            return null;
        }
    }
}

/// <summary>The options of <c>predict</c> that make a <see cref="ScenePair"/>.</summary>
internal sealed class SceneArguments
{
    private readonly Option<string> _before = new("--before")
    {
        Required = true,
        Description = "Image of the earlier date: GeoTIFF, PNG, BMP, JPEG or WebP, of any size.",
    };

    private readonly Option<string> _after = new("--after") { Required = true, Description = "Image of the later date, of the same pixels of the earth." };

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

    public SceneArguments() => _alpha.AcceptOnlyFromAmong([.. PredictionRequest.AlphaUses]);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_before, _after, _noData, _alpha, _rescale])
            command.Options.Add(option);
    }

    /// <exception cref="CommandException">A file is missing, or an option has no such value.</exception>
    public ScenePair Of(ParseResult parsed)
    {
        var rescaling = RescaleOption.Of(parsed.GetValue(_rescale));
        var noData = parsed.GetValue(_noData);
        if (noData is { } value && !double.IsFinite(value))
            throw new CommandException("--nodata is no number; what is not finite is no pixel anyway. Nothing was queued.");
        return new(
            Image("--before", parsed.GetRequiredValue(_before)), Image("--after", parsed.GetRequiredValue(_after)), noData,
            parsed.GetRequiredValue(_alpha), rescaling);
    }

    private static string Image(string option, string path) => File.Exists(path)
        ? Path.GetFullPath(path)
        : throw new CommandException($"{option}: there is no file '{path}'.");
}
