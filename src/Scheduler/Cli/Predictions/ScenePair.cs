using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>
/// Two images on this machine and how their values are to be read: what does not fit is said before anything is queued, and not later by a worker.
/// </summary>
internal sealed record ScenePair(string Before, string After, double? NoData, string Alpha, ValueRescaling? Rescaling)
{
    private NoDataRule Rule => new(NoData, Enum.Parse<AlphaUse>(Alpha, ignoreCase: true));

    /// <summary>Whether the two fit together, and to what is asked of polygons. Of a band of alpha all is looked at, of anything else the headers.</summary>
    /// <param name="polygons">The file that they will go to; null: none are wanted.</param>
    /// <exception cref="CommandException">A file is missing, or of a kind that is not read.</exception>
    /// <exception cref="RasterPairException">They do not fit.</exception>
    public void Check(bool wgs84, MinimumArea? least, string? polygons) => WithBoth((before, after) =>
    {
        var place = RasterPair.Check(before, after);
        if (polygons is not null)
        {
            var named = before.Georeference is { HasCoordinateSystem: true } ? before : after;
            PolygonCompatibility.Check(named.Name, place, before.Shape.Width, before.Shape.Height, wgs84, least, polygons);
        }
    });

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
