using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>What a verification found; what is damaged is an exception instead.</summary>
/// <param name="DumpRead">Whether the dump was read by PostgreSQL's own program as well; false where there is none of a version that can.</param>
public sealed record VerifiedBackup(BackupContents Contents, bool DumpRead);

/// <summary>Reads a backup whole: every entry's hash, and the dump of the database to its end.</summary>
public static class BackupVerification
{
    /// <param name="progress">Told the bytes that have been read, and how many there are.</param>
    /// <exception cref="BackupException">It is damaged; the message names every entry that is.</exception>
    /// <exception cref="DumpException">Its hashes are right, and its dump cannot be read.</exception>
    public static async Task<VerifiedBackup> RunAsync(string path, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        await using var target = new Target();
        var contents = await new BackupReader(path, ScratchFolder.Path).ReadAsync(target, progress, cancellationToken);
        var client = PostgresClient.TryFind(contents.Header.DumpedBy);
        if (client is not null)
            await SchemaDump.ReadThroughAsync(client, target.Dump(), cancellationToken);
        return new VerifiedBackup(contents, client is not null);
    }

    private sealed class Target : IBackupTarget, IAsyncDisposable
    {
        private readonly FileStream _dump = Download.NewUnnamedFile(ScratchFolder.Path);

        public Task BeginAsync(BackupHeader header, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task TakeDumpAsync(Stream content, CancellationToken cancellationToken) => content.CopyToAsync(_dump, cancellationToken);

        public Task TakeObjectAsync(ObjectKey key, long bytes, Stream content, CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>From its beginning.</summary>
        public Stream Dump()
        {
            _dump.Position = 0;
            return _dump;
        }

        public ValueTask DisposeAsync() => _dump.DisposeAsync();
    }
}
