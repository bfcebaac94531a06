namespace ChangeDetection.Core.Storage;

/// <summary>Fetches published objects: what a caller gets is whole and verified, or an exception.</summary>
public static class Download
{
    /// <summary>Into a file, which takes the place of one of that name, or does not appear.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    /// <exception cref="ObjectDamagedException">It is not what was published.</exception>
    public static Task ToFileAsync(IObjectStore store, PublishedObject published, string path, CancellationToken cancellationToken) =>
        DurableFile.WriteAsync(path, (target, token) => CopyAsync(store, published, target, token), mode: null, cancellationToken);

    /// <summary>Into a file of this account alone that is gone when it is closed.</summary>
    /// <param name="folder">Where it lies, on a disk with room for it.</param>
    /// <returns>The file, at its start.</returns>
    /// <inheritdoc cref="ToFileAsync"/>
    public static async Task<FileStream> ToTemporaryFileAsync(
        IObjectStore store, PublishedObject published, string folder, CancellationToken cancellationToken)
    {
        var file = NewTemporaryFile(folder);
        try
        {
            await CopyAsync(store, published, file, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same without a name, so that nothing of it is left even when this process is killed.</summary>
    public static FileStream NewUnnamedFile(string folder)
    {
        var file = NewTemporaryFile(folder);
        File.Delete(file.Name);
        return file;
    }

    /// <summary>An empty file of this account alone that is gone when it is closed.</summary>
    public static FileStream NewTemporaryFile(string folder) => new(Path.Combine(folder, $"{Guid.NewGuid():N}.tmp~"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
    });

    /// <summary>Into memory, and never more of it than an object of this kind can have.</summary>
    /// <inheritdoc cref="ToFileAsync"/>
    public static async Task<byte[]> ToMemoryAsync(IObjectStore store, PublishedObject published, long mostBytes, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await using var source = await VerifyingStream.OpenAsync(store, published, cancellationToken);
        var chunk = new byte[Math.Min(mostBytes + 1, 64 * 1024)];
        for (int read; (read = await source.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (content.Length + read > mostBytes)
                throw source.Damaged($"it has more than {mostBytes} bytes, and no such object was published.");
            content.Write(chunk, 0, read);
        }
        return content.ToArray();
    }

    private static async Task CopyAsync(IObjectStore store, PublishedObject published, Stream target, CancellationToken cancellationToken)
    {
        await using var source = await VerifyingStream.OpenAsync(store, published, cancellationToken);
        await source.CopyToAsync(target, cancellationToken);
    }
}
