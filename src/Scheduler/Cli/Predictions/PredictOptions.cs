using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>What <c>predict</c> is asked for, whatever images it is of.</summary>
/// <param name="MinArea">Which polygons are left out; null: none.</param>
internal sealed record PredictSettings(
    string Checkpoint, string Out, WantedFile Probability, WantedFile Polygons, WantedFile Overlay, double Threshold, int? Tile, MinimumArea? MinArea,
    bool Wgs84, int Priority, string? DataDir, bool Json);

/// <summary>A file beside the class map.</summary>
/// <param name="Option">That asks for it.</param>
/// <param name="Path">Null in a batch, where files have their places.</param>
internal sealed record WantedFile(string Option, bool IsWanted, string? Path)
{
    /// <exception cref="CommandException">It is wanted, and of one pair nothing says where.</exception>
    public string? OfPair() => IsWanted && Path is null ? throw new CommandException($"{Option}: name the file to write.") : Path;

    /// <exception cref="CommandException">A place is given, and a batch has its own.</exception>
    public bool OfBatch() => Path is null ? IsWanted : throw new CommandException(
        $"{Option}: of many pairs the files go below --out, so it takes no value, and '{Path}' is one. Write it behind everything else, or before " +
        "another option.");
}

/// <summary>The options of <c>predict</c> that are not about its images.</summary>
internal sealed class PredictOptions
{
    private readonly Option<string> _checkpoint = new("--checkpoint")
    {
        Required = true,
        Description = "A run, whose best checkpoint is taken, or a file of weights that says what it is, as 'checkpoint get' writes them (safetensors, .pth).",
    };

    private readonly Option<string> _out = new("--out")
    {
        Required = true,
        Description = "Class map to write, a GeoTIFF: 0 no change, 1 change (of several kinds: 1, 2, …), 255 no data. Of many pairs: an empty folder.",
    };

    private readonly Option<string?> _probability = OfFile("--probability", "Probability map to write, a GeoTIFF of float32 (of many pairs: no value).");

    private readonly Option<string?> _polygons = OfFile(
        "--polygons", "Outlines of changes to write, GeoJSON in the scene's coordinates, or by --wgs84 (of many pairs: no value).");

    private readonly Option<string?> _overlay = OfFile(
        "--overlay", "Picture to write, a PNG: the later date with changes in colour, at most 2048 pixels a side (of many pairs: no value).");

    private readonly Option<double> _threshold = new("--threshold")
    {
        DefaultValueFactory = _ => PredictionRequest.DefaultThreshold,
        Description = "Probability above which a pixel counts as changed.",
    };

    private readonly Option<string?> _minArea = new("--min-area")
    {
        Description = $"Leaves smaller polygons out: {MinimumArea.Form}. The maps keep every pixel.",
    };

    private readonly Option<bool> _wgs84 = new("--wgs84")
    {
        Description = "Polygons in longitude and latitude as RFC 7946 has them. Of scenes in WGS 84 or ETRS89, UTM on them, transverse Mercator that the " +
            "file defines on them, or Web Mercator; for others the command of GDAL is named.",
    };

    private readonly Option<int?> _tile = new("--tile")
    {
        Description = "Side of the windows in pixels, a multiple of 16: larger ones take more memory, smaller ones more time.",
    };

    private readonly Option<int> _priority = new Option<int>("--priority")
    {
        DefaultValueFactory = _ => new ResourcesConfig().Priority,
        Description = "0 to 9, higher is sooner.",
    }.Within(0, 9);

    private readonly Option<string?> _dataDir = CommonOptions.DataDir();
    private readonly Option<bool> _json = CommonOptions.Json();

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [_checkpoint, _out, _probability, _polygons, _minArea, _wgs84, _overlay, _threshold, _tile, _priority, _dataDir, _json])
            command.Options.Add(option);
    }

    /// <exception cref="CommandException">An option has no such value, or says something of a file that is not asked for.</exception>
    public PredictSettings Of(ParseResult parsed)
    {
        var polygons = File(parsed, _polygons);
        var area = parsed.GetValue(_minArea);
        MinimumArea? least = area is null ? null : MinimumArea.TryParse(area)
            ?? throw new CommandException($"--min-area is '{area}'; it is {MinimumArea.Form}. Nothing was queued.");
        var wgs84 = parsed.GetValue(_wgs84);
        if (!polygons.IsWanted && (wgs84 || least is not null))
            throw new CommandException(
                $"{(wgs84 ? "--wgs84" : "--min-area")} is about polygons, and none are asked for. Add --polygons, or leave it out. Nothing was queued.");
        return new(
            parsed.GetRequiredValue(_checkpoint), parsed.GetRequiredValue(_out), File(parsed, _probability), polygons, File(parsed, _overlay),
            parsed.GetValue(_threshold), parsed.GetValue(_tile), least, wgs84, parsed.GetValue(_priority), parsed.GetValue(_dataDir), parsed.GetValue(_json));
    }

    private static Option<string?> OfFile(string name, string words) => new(name) { Arity = ArgumentArity.ZeroOrOne, Description = words };

    private static WantedFile File(ParseResult parsed, Option<string?> option) =>
        new(option.Name, parsed.GetResult(option) is not null, parsed.GetValue(option));
}
