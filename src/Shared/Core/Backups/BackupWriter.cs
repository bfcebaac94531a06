using System.Formats.Tar;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>What a backup is made of.</summary>
/// <param name="ConnectionString">Of the database.</param>
/// <param name="StoreAddress">As people know it; <paramref name="Store"/> is what it opens.</param>
/// <param name="AllowMissing">Write what there is when objects are missing or damaged, and say so in the manifest.</param>
public sealed record BackupRequest(string ConnectionString, IObjectStore Store, Uri StoreAddress, bool AllowMissing);

/// <summary>What a backup holds.</summary>
/// <param name="Missing">Objects that rows name and that it does not hold, or holds damaged.</param>
public sealed record BackupSummary(BackupHeader Header, long Objects, long Bytes, IReadOnlyList<ObjectProblem> Missing);

/// <summary>
/// Makes a backup of a system, whether it works meanwhile or not: the rows of one moment and the objects that these rows name, in one file. It holds the
/// collection of objects meanwhile (<see cref="CollectionHold"/>). Memory does not depend on how much there is.
/// </summary>
public sealed class BackupWriter(BackupRequest request)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_holdPatience = TimeSpan.FromMinutes(1);

    private readonly List<ObjectProblem> _missing = [];
    private long _entries;
    private long _objects;
    private long _bytes;

    /// <summary>Writes the file, which appears whole or not at all: until then it is <c>PATH.part</c>.</summary>
    /// <param name="force">Whether one that is there may be replaced.</param>
    /// <param name="progress">Told the bytes of objects that are done, and about how many there are.</param>
    /// <exception cref="BackupException">The file is there, or objects are missing or damaged.</exception>
    /// <exception cref="CollectionHeldException">Another backup is being made.</exception>
    /// <exception cref="IOException">The disk is full, or the store does not answer.</exception>
    public async Task<BackupSummary> WriteAsync(string path, bool force, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        if (!force && File.Exists(path))
            throw new BackupException($"'{path}' exists already, and was left as it is. Name another file, or replace it with --force.", isRequest: true);
        var (part, dump) = ($"{path}.part", $"{path}.part.dump");
        // Before anything is tidied up: whoever else is writing this very file has it locked.
        var file = new FileStream(part, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly, Options = FileOptions.Asynchronous,
        });
        try
        {
            BackupSummary summary;
            await using (file)
            {
                summary = await FillAsync(file, path, dump, progress, cancellationToken);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }
            CrashPoint.Reach(CrashPoints.BackupBeforeRename);
            DurableFile.Publish(part, path, force);
            return summary;
        }
        catch (IOException error) when (StorageErrors.IsOfFileSystem(error))
        {
            throw StorageErrors.Of(error.HResult, "write", path, error);
        }
        finally
        {
            File.Delete(dump);
            File.Delete(part);
        }
    }

    private async Task<BackupSummary> FillAsync(FileStream file, string path, string dump, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        await using var hold = await CollectionHold.TakeAsync(request.ConnectionString, s_holdPatience, cancellationToken);
        await using var named = new LineSpool(folder);
        await using var manifest = new LineSpool(folder);
        var total = 0L;
        var header = await BackupSource.ReadAsync(
            request.ConnectionString, request.StoreAddress, dump, named, bytes => total = bytes, cancellationToken);
        CrashPoint.Reach(CrashPoints.BackupDumped);

        await using (var tar = new TarWriter(file, TarEntryFormat.Pax, leaveOpen: true))
        {
            var json = header.ToJson();
            await AddAsync(tar, manifest, BackupFormat.Header, new MemoryStream(json), json.Length, header, cancellationToken);
            await using (var content = File.OpenRead(dump))
                await AddAsync(tar, manifest, BackupFormat.Dump, content, content.Length, header, cancellationToken);
            File.Delete(dump);
            await foreach (var line in named.ReadAsync(cancellationToken))
            {
                await CopyAsync(tar, manifest, BackupSource.Row(line), header, cancellationToken);
                progress?.Invoke(_bytes, Math.Max(total, _bytes));
                await hold.RequireAsync(cancellationToken);
            }
            if (_missing.Count > 0 && !request.AllowMissing)
                throw new BackupException(Missing());
            await manifest.AddAsync(new ManifestLine(Sha256: manifest.Sha256(), Entries: _entries).ToBytes(), cancellationToken);
            await tar.WriteEntryAsync(Entry(BackupFormat.Manifest, await manifest.OpenAsync(cancellationToken), header), cancellationToken);
        }
        return new BackupSummary(header, _objects, _bytes, _missing);
    }

    /// <summary>Copies what a row names. What is missing is told in the end, all of it at once.</summary>
    private async Task CopyAsync(TarWriter tar, LineSpool manifest, NamedRow row, BackupHeader header, CancellationToken cancellationToken)
    {
        IReadOnlyList<NamedObject> objects;
        try
        {
            objects = await NamedObject.OfAsync(row, request.Store, cancellationToken);
        }
        catch (CheckpointInvalidException error)
        {
            await NoteAsync(manifest, row, $"{row.Key}/{CheckpointManifest.FileName}", error.Problem, isThere: false, cancellationToken);
            return;
        }
        foreach (var named in objects)
        {
            try
            {
                var length = await request.Store.LengthAsync(named.Key, cancellationToken) ?? throw new ObjectNotFoundException(request.Store.Root, named.Key);
                await using var content = await request.Store.OpenReadAsync(named.Key, 0, null, cancellationToken);
                var sha256 = await AddAsync(tar, manifest, BackupFormat.Objects + named.Key.Value, content, length, header, cancellationToken);
                (_objects, _bytes) = (_objects + 1, _bytes + length);
                if ((named.Sha256 is { } expected && expected != sha256) || (named.Bytes is { } bytes && bytes != length))
                    await NoteAsync(
                        manifest, row, named.Key.Value, $"is damaged: {length} bytes with the SHA-256 {sha256}, and {named.Bytes} bytes with {named.Sha256} " +
                        "were published", isThere: true, cancellationToken);
            }
            catch (ObjectNotFoundException)
            {
                await NoteAsync(manifest, row, named.Key.Value, "is missing", isThere: false, cancellationToken);
            }
        }
    }

    private async Task NoteAsync(LineSpool manifest, NamedRow row, string key, string problem, bool isThere, CancellationToken cancellationToken)
    {
        _missing.Add(new ObjectProblem(row.Kind, row.Run, key, problem));
        if (!isThere)
            await manifest.AddAsync(new ManifestLine(BackupFormat.Objects + key, Missing: true).ToBytes(), cancellationToken);
    }

    private async Task<string> AddAsync(
        TarWriter tar, LineSpool manifest, string name, Stream content, long length, BackupHeader header, CancellationToken cancellationToken)
    {
        await using var hashed = new VerifyingStream(content, request.Store.Root, published: null);
        await tar.WriteEntryAsync(Entry(name, new SizedStream(hashed, length), header), cancellationToken);
        await hashed.RequireEndAsync(cancellationToken);
        if (hashed.BytesRead != length)
            throw new BackupException(
                $"'{name}' has {hashed.BytesRead} bytes, and the store said {length}: it is changing under our hands. No backup was made.");
        await manifest.AddAsync(new ManifestLine(name, hashed.BytesRead, hashed.Sha256).ToBytes(), cancellationToken);
        _entries++;
        return hashed.Sha256;
    }

    private static PaxTarEntry Entry(string name, Stream content, BackupHeader header) => new(TarEntryType.RegularFile, name)
    {
        DataStream = content,
        Mode = OwnerOnly,
        ModificationTime = header.MadeAt,
    };

    private string Missing()
    {
        const int most = 20;
        var lines = _missing.Take(most).Select(problem => $"run {problem.Run}: '{problem.Key}' {problem.Problem}");
        return $"{_missing.Count} objects that the rows name are missing or damaged in {request.StoreAddress}, so no backup was made:\n"
            + string.Join('\n', lines) + (_missing.Count > most ? "\n…" : "")
            + "\nLook whether that is the right store ('changedetection storage verify'), or make a backup of what there is with --allow-missing.";
    }
}
