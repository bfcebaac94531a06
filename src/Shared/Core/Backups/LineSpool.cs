using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>Lines that are kept on the disk and not in memory until they are read back: of a large store there are millions.</summary>
/// <param name="folder">On a disk with room for them.</param>
internal sealed class LineSpool(string folder) : IAsyncDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly FileStream _file = Download.NewUnnamedFile(folder);
    private readonly MemoryStream _buffer = new();
    private readonly IncrementalHash _hash = Sha256Hex.Begin();

    /// <summary>Of all lines so far; what is added afterwards begins anew.</summary>
    public string Sha256() => Sha256Hex.End(_hash);

    /// <param name="line">With its line feed.</param>
    public async Task AddAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        _buffer.Write(line.Span);
        _hash.AppendData(line.Span);
        if (_buffer.Length >= Chunk)
            await FlushAsync(cancellationToken);
    }

    /// <summary>All of them as one stream, which ends with this.</summary>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        _file.Position = 0;
        return _file;
    }

    /// <summary>Line by line, from the first on. Nothing can be added afterwards.</summary>
    public async IAsyncEnumerable<string> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await OpenAsync(cancellationToken), Encoding.UTF8, false, Chunk, leaveOpen: true);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            yield return line;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        await _buffer.DisposeAsync();
        _hash.Dispose();
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _file.WriteAsync(_buffer.GetBuffer().AsMemory(0, (int)_buffer.Length), cancellationToken);
        _buffer.SetLength(0);
    }
}
