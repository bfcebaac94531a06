using ChangeDetection.Core.Hashing;
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

    /// <exception cref="IOException">A stored file is not the one that was published.</exception>
    public async Task FetchAsync(IObjectStore store, IReadOnlyList<ArtifactRecord> artifacts, CancellationToken cancellationToken)
    {
        foreach (var (name, path) in Paths)
            await FetchAsync(store, artifacts.First(artifact => artifact.Name == name), path, cancellationToken);
    }

    private static async Task FetchAsync(IObjectStore store, ArtifactRecord artifact, string path, CancellationToken cancellationToken)
    {
        var partial = $"{path}.{Environment.ProcessId}.part";
        try
        {
            string hash;
            await using (var source = await store.OpenReadAsync(new ObjectKey(artifact.ObjectKey), 0, null, cancellationToken))
            await using (var target = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await source.CopyToAsync(target, cancellationToken);
                target.Flush(flushToDisk: true);
                target.Position = 0;
                hash = await Sha256Hex.OfAsync(target, cancellationToken);
            }
            if (hash != artifact.Sha256)
                throw new IOException($"{artifact.ObjectKey}: its SHA-256 is {hash}, but {artifact.Sha256} was published; the stored file is damaged. Queue the prediction again.");
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
