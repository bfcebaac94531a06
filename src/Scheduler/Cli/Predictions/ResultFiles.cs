using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>Where the files of a prediction go. Each appears whole and verified, or not at all.</summary>
internal sealed class ResultFiles
{
    private ResultFiles(IReadOnlyDictionary<string, string> paths) => Paths = paths;

    /// <summary>Absolute paths by the names of <see cref="PredictionOutputs"/>.</summary>
    public IReadOnlyDictionary<string, string> Paths { get; }

    /// <exception cref="CommandException">One is no place for such a file, or two are the same.</exception>
    public static ResultFiles Of(string classes, string? probability, string? polygons, string? overlay)
    {
        var paths = new Dictionary<string, string>();
        Add("--out", PredictionOutputs.Classes, classes, ".tif", ".tiff");
        Add("--probability", PredictionOutputs.Probability, probability, ".tif", ".tiff");
        Add("--polygons", PredictionOutputs.Polygons, polygons, ".geojson", ".json");
        Add("--overlay", PredictionOutputs.Overlay, overlay, ".png");
        return new ResultFiles(paths);

        void Add(string option, PredictionOutput output, string? given, params ReadOnlySpan<string> endings)
        {
            if (given is null)
                return;
            var path = OutputPath.Require(option, given);
            if (!endings.Contains(Path.GetExtension(path).ToLowerInvariant()))
                throw new CommandException($"{option}: '{path}' is to end with {string.Join(" or ", endings.ToArray())}, which is what it will be.");
            if (!paths.TryAdd(output.Name, path) || paths.Count(pair => pair.Value == path) > 1)
                throw new CommandException($"{option}: '{path}' is named twice. Give each file a name of its own.");
        }
    }

    public bool Wants(PredictionOutput output) => Paths.ContainsKey(output.Name);

    /// <exception cref="ObjectDamagedException">A stored file is not the one that was published.</exception>
    public async Task FetchAsync(IObjectStore store, IReadOnlyList<ArtifactRecord> artifacts, CancellationToken cancellationToken)
    {
        foreach (var (name, path) in Paths)
        {
            var artifact = artifacts.First(artifact => artifact.Name == name);
            var published = new PublishedObject(new ObjectKey(artifact.ObjectKey), artifact.Sha256, "Queue the prediction again.");
            await Download.ToFileAsync(store, published, path, cancellationToken);
        }
    }
}
