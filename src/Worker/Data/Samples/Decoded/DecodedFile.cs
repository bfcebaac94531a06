using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// A file without a name: deleted while it is open, so that however the process ends, the system frees its room. Read and written by position;
/// pages mapped into memory would count as the trainer's own, and a file cut short under a mapping kills the process.
/// </summary>
internal sealed class DecodedFile : IDecodedMedium
{
    private readonly SafeFileHandle _file;

    /// <exception cref="IOException">The folder takes no file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder takes no file of this account's.</exception>
    public DecodedFile(string folder)
    {
        var path = Path.Combine(folder, $"changedetection-{Guid.NewGuid():n}.pixels");
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.Delete(path);
    }

    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts) => RandomAccess.Write(_file, parts, offset);

    public bool Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
                return false;
            target = target[read..];
            offset += read;
        }
        return true;
    }

    public void Dispose() => _file.Dispose();
}
