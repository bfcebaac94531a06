using System.Formats.Tar;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Predictions;

/// <summary>The folder that the files of a batch go to. Each appears whole, or not at all; the summary comes last.</summary>
internal sealed class BatchFolder
{
    private BatchFolder(string path) => Path = path;

    public string Path { get; }

    public string Summary => System.IO.Path.Combine(Path, BatchFiles.Summary);

    /// <exception cref="CommandException">It holds something, so that the files of two batches would lie side by side; or its parent is not there.</exception>
    public static BatchFolder Of(string given)
    {
        var path = System.IO.Path.GetFullPath(given);
        var problem = File.Exists(path) ? "is a file; of many pairs it is a folder"
            : Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() ? "holds something already. Name an empty folder, or a new one"
            : !Directory.Exists(System.IO.Path.GetDirectoryName(path)) ? "lies in a folder that does not exist"
            : null;
        return problem is null ? new(path) : throw new CommandException($"--out: '{path}' {problem}. Nothing was queued.");
    }

    /// <exception cref="ObjectDamagedException">A stored file is not the one that was published.</exception>
    public async Task FetchAsync(IObjectStore store, IReadOnlyList<ArtifactRecord> artifacts, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path);
        await using (var maps = await Download.ToTemporaryFileAsync(store, Published(artifacts, PredictionOutputs.Maps), Path, cancellationToken))
        {
            await using var tar = new TarReader(maps, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
                await ExtractAsync(entry, cancellationToken);
        }
        await Download.ToFileAsync(store, Published(artifacts, PredictionOutputs.Summary), Summary, cancellationToken);
    }

    private async Task ExtractAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        if (entry is not { EntryType: TarEntryType.RegularFile, DataStream: { } content } || !BatchFiles.IsPath(entry.Name))
            throw new CommandException($"{PredictionOutputs.Maps.Name} holds '{entry.Name}', which is no map of a pair.", ExitCode.Failed);
        var path = System.IO.Path.Combine(Path, entry.Name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        await DurableFile.WriteAsync(path, (target, token) => content.CopyToAsync(target, token), mode: null, cancellationToken);
    }

    private static PublishedObject Published(IReadOnlyList<ArtifactRecord> artifacts, PredictionOutput output)
    {
        var artifact = artifacts.First(artifact => artifact.Name == output.Name);
        return new(new ObjectKey(artifact.ObjectKey), artifact.Sha256, "Queue the prediction again.");
    }
}
