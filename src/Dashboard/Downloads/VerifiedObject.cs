using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Dashboard.Downloads;

/// <summary>An object that does not have the SHA-256 it was published with.</summary>
public sealed class ObjectDamagedException(ObjectKey key, string expected, string actual)
    : IOException($"Object '{key}' is damaged: its SHA-256 is {actual}, it was published with {expected}. It was not sent.");

/// <summary>Reads objects for delivery: what leaves is what was verified, byte for byte.</summary>
public static class VerifiedObject
{
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Copies an object into an unnamed temporary file while its SHA-256 is computed, and returns the file from its start. A second read of
    /// the store could bring other bytes; and nothing could be taken back once half of a damaged object was on its way.
    /// </summary>
    /// <param name="sha256">Hexadecimal.</param>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    /// <exception cref="ObjectDamagedException">The hash is another one.</exception>
    public static async Task<Stream> OpenAsync(IObjectStore store, ObjectKey key, string sha256, CancellationToken cancellationToken)
    {
        var file = new FileStream(Path.GetTempFileName(), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        try
        {
            var actual = await CopyAsync(store, key, file, cancellationToken);
            if (!string.Equals(actual, sha256, StringComparison.OrdinalIgnoreCase))
                throw new ObjectDamagedException(key, sha256, actual);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> CopyAsync(IObjectStore store, ObjectKey key, FileStream target, CancellationToken cancellationToken)
    {
        await using var source = await store.OpenReadAsync(key, 0, null, cancellationToken);
        using var hash = Sha256Hex.Begin();
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return Sha256Hex.End(hash);
    }
}
