using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>
/// Brings an image to where workers find it: into the store, or, where that is a folder of this machine's, nowhere: it is read where it lies.
/// </summary>
internal static class SceneUpload
{
    private const int ChunkBytes = 1 << 20;

    /// <param name="date"><c>before</c> or <c>after</c>.</param>
    public static Task<SceneInput> DescribeAsync(
        Terminal terminal, RunUploads uploads, string date, string path, CancellationToken cancellationToken) =>
        terminal.WithProgressAsync(progress => DescribeAsync(uploads, date, path, progress, cancellationToken));

    /// <inheritdoc cref="DescribeAsync(Terminal, RunUploads, string, string, CancellationToken)"/>
    public static async Task<SceneInput> DescribeAsync(
        RunUploads uploads, string date, string path, IProgress<WorkDone> progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        var input = new SceneInput { Name = Path.GetFileName(path), Bytes = file.Length, Sha256 = "", GeoTransform = GeoTransform(path) };
        if (uploads.Store.Root.IsFile)
            return input with { File = path, Sha256 = await CopyAsync(file, Stream.Null, $"reading {input.Name}", progress, cancellationToken) };
        var (key, hash) = (RunObject.Input(uploads.Run, date), "");
        await uploads.PutAsync(key, async (stream, token) => hash = await CopyAsync(file, stream, $"sending {input.Name}", progress, token), cancellationToken);
        return input with { Key = key.Value, Sha256 = hash };
    }

    /// <summary>A world file stays behind; what it says goes along.</summary>
    private static double[]? GeoTransform(string path)
    {
        using var image = RasterFile.Open(path);
        return image.Georeference?.Transform is { } place
            ? [place.X, place.XPerColumn, place.XPerRow, place.Y, place.YPerColumn, place.YPerRow]
            : null;
    }

    private static async Task<string> CopyAsync(FileStream file, Stream target, string phase, IProgress<WorkDone> progress, CancellationToken cancellationToken)
    {
        await using var hashing = new HashingStream(target);
        var chunk = new byte[ChunkBytes];
        file.Position = 0;
        for (int read; (read = await file.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            await hashing.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            progress.Report(new WorkDone(phase, file.Position, file.Length));
        }
        return hashing.Sha256();
    }
}
