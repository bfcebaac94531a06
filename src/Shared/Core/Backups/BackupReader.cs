using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>What takes the entries of a backup, in their order. What it was given may be used when <see cref="BackupReader.ReadAsync"/> has returned.</summary>
internal interface IBackupTarget
{
    Task BeginAsync(BackupHeader header, CancellationToken cancellationToken);

    Task TakeDumpAsync(Stream content, CancellationToken cancellationToken);

    /// <param name="content">Forward-only. It need not be read to its end.</param>
    Task TakeObjectAsync(ObjectKey key, long bytes, Stream content, CancellationToken cancellationToken);
}

/// <summary>What a backup turned out to hold.</summary>
/// <param name="Missing">Keys of objects that were missing when it was made.</param>
public sealed record BackupContents(BackupHeader Header, long Objects, long Bytes, IReadOnlyList<string> Missing);

/// <summary>
/// Reads a backup once, from its first byte to its last, and holds every entry against the manifest at its end. Memory does not depend on its size.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="scratch">A folder for what is known of the entries until the manifest comes.</param>
internal sealed class BackupReader(string path, string scratch)
{
    private const int MostProblems = 20;

    private readonly List<string> _missing = [];
    private long _objects;
    private long _bytes;

    /// <param name="progress">Told the bytes of the file that have been read, and how many there are.</param>
    /// <exception cref="BackupException">It is none, is cut or damaged; the message names what is wrong.</exception>
    public async Task<BackupContents> ReadAsync(IBackupTarget target, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, useAsync: true);
            await using var tar = new TarReader(file, leaveOpen: true);
            await using var found = new LineSpool(scratch);
            var header = await BeginAsync(tar, found, target, cancellationToken);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.Name == BackupFormat.Manifest)
                {
                    await using var manifest = Hashed(entry.DataStream ?? Stream.Null);
                    await CompareAsync(found, manifest, cancellationToken);
                    await manifest.RequireEndAsync(cancellationToken);
                    if (manifest.BytesRead != entry.Length)
                        throw Cut();
                    return new BackupContents(header, _objects, _bytes, _missing);
                }
                await TakeAsync(entry, found, target, cancellationToken);
                progress?.Invoke(file.Position, file.Length);
            }
            throw Cut();
        }
        catch (EndOfStreamException error)
        {
            throw Cut(error);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            throw new BackupException($"'{path}' is no backup, or is damaged: {error.Message}", error);
        }
        catch (FileNotFoundException error)
        {
            throw new BackupException($"There is no file '{path}'.", error, isRequest: true);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new BackupException($"There is no file '{path}'.", error, isRequest: true);
        }
    }

    private async Task<BackupHeader> BeginAsync(TarReader tar, LineSpool found, IBackupTarget target, CancellationToken cancellationToken)
    {
        if (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is not { Name: BackupFormat.Header, DataStream: { } content } entry
            || entry.Length > BackupHeader.MaxBytes)
            throw new BackupException($"'{path}' is no backup of a system: its first entry is not {BackupFormat.Header}.", isRequest: true);
        var json = new byte[entry.Length];
        await using var hashed = Hashed(content);
        await hashed.ReadExactlyAsync(json, cancellationToken);
        var header = BackupHeader.Parse(json, path);
        await target.BeginAsync(header, cancellationToken);
        await NoteAsync(entry.Name, hashed, found, cancellationToken);
        return header;
    }

    private async Task TakeAsync(TarEntry entry, LineSpool found, IBackupTarget target, CancellationToken cancellationToken)
    {
        await using var content = Hashed(entry.DataStream ?? Stream.Null);
        if (entry.Name == BackupFormat.Dump)
            await target.TakeDumpAsync(content, cancellationToken);
        else if (entry.EntryType is TarEntryType.RegularFile && entry.Name.StartsWith(BackupFormat.Objects, StringComparison.Ordinal)
            && ObjectKeyRules.Violation(entry.Name[BackupFormat.Objects.Length..]) is null)
        {
            await target.TakeObjectAsync(new ObjectKey(entry.Name[BackupFormat.Objects.Length..]), entry.Length, content, cancellationToken);
            (_objects, _bytes) = (_objects + 1, _bytes + entry.Length);
        }
        else
            throw new BackupException($"'{path}' holds an entry '{entry.Name}', which is none of a backup.");
        await NoteAsync(entry.Name, content, found, cancellationToken);
    }

    private VerifyingStream Hashed(Stream content) => new(content, new Uri(Path.GetFullPath(path)), published: null);

    private static async Task NoteAsync(string name, VerifyingStream content, LineSpool found, CancellationToken cancellationToken)
    {
        await content.RequireEndAsync(cancellationToken);
        await found.AddAsync(new ManifestLine(name, content.BytesRead, content.Sha256).ToBytes(), cancellationToken);
    }

    /// <summary>Line by line: both are in the order of the entries.</summary>
    private async Task CompareAsync(LineSpool found, Stream manifest, CancellationToken cancellationToken)
    {
        var (problems, number, compared, entries) = (new List<string>(), 0L, 0L, (long?)null);
        await using var there = found.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        using var lines = new StreamReader(manifest, leaveOpen: true);
        using var hash = Sha256Hex.Begin();
        while (problems.Count < MostProblems && await lines.ReadLineAsync(cancellationToken) is { } text)
        {
            var expected = Parse(text, ++number);
            if (expected.Entries is { } count)
            {
                entries = Sha256Hex.End(hash) == expected.Sha256 ? count : null;
                break;
            }
            hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
            if (expected is { Missing: true, Name: { } missing })
                _missing.Add(missing.Replace(BackupFormat.Objects, "", StringComparison.Ordinal));
            else if (!await there.MoveNextAsync())
                problems.Add($"'{expected.Name}' is not in it");
            else if (Difference(expected, Parse(there.Current, number)) is { } difference)
                problems.Add(difference);
            else
                compared++;
        }
        if (problems.Count == 0 && (entries != compared || await there.MoveNextAsync()))
            problems.Add($"its {BackupFormat.Manifest} is damaged or not complete");
        if (problems.Count > 0)
            throw new BackupException($"'{path}' is damaged. Nothing of it may be used:\n{string.Join('\n', problems)}");
    }

    private static string? Difference(ManifestLine expected, ManifestLine actual) =>
        actual == expected ? null
        : actual.Name != expected.Name ? $"'{actual.Name}' stands where '{expected.Name}' should be"
        : string.Create(CultureInfo.InvariantCulture,
            $"'{expected.Name}' has {actual.Bytes} bytes with the SHA-256 {actual.Sha256} instead of {expected.Bytes} with {expected.Sha256}");

    private ManifestLine Parse(string text, long number)
    {
        try
        {
            return ManifestLine.Parse(text);
        }
        catch (JsonException error)
        {
            throw new BackupException($"'{path}': line {number} of its {BackupFormat.Manifest} is damaged: {error.Message}", error);
        }
    }

    private BackupException Cut(Exception? inner = null) => new(
        $"'{path}' is not complete: it ends before its {BackupFormat.Manifest}. Copy it once more from where it was made, or make another.", inner);
}
