namespace ChangeDetection.Core.Storage;

/// <summary>
/// A store of immutable objects under one root: a folder, a bucket prefix. Objects appear whole or not at all;
/// a failed put leaves nothing behind. All members are safe for concurrent use.
/// </summary>
public interface IObjectStore
{
    /// <summary>The root, as written in settings (<c>file:///…/store</c>).</summary>
    Uri Root { get; }

    /// <summary>Length of the object in bytes, or null when there is none.</summary>
    Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Opens an object, or <paramref name="length"/> bytes of it from <paramref name="offset"/> on, as a forward-only stream.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>Writes a new object by calling <paramref name="write"/> with a stream; durable when the task ends. Create-only.</summary>
    /// <exception cref="ObjectExistsException">The key is taken; the old object stands untouched.</exception>
    Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Keys below a prefix in ordinal order (empty prefix: all), without temporary or half-written objects.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes an object; deleting one that is not there is no error.</summary>
    Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>
    /// What puts left behind that were killed, as far as nobody has written to it for <paramref name="idle"/> and no living writer holds it.
    /// A backend whose puts leave nothing behind has none.
    /// </summary>
    IAsyncEnumerable<UnfinishedPut> ListUnfinishedAsync(TimeSpan idle, CancellationToken cancellationToken) => AsyncEnumerable.Empty<UnfinishedPut>();

    /// <summary>Removes one of these; one that is not there is no error.</summary>
    Task DeleteUnfinishedAsync(UnfinishedPut put, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A listed object and its length in bytes.</summary>
public sealed record StoredObject(ObjectKey Key, long Length);

/// <summary>There is no object under this key.</summary>
public sealed class ObjectNotFoundException(Uri root, ObjectKey key)
    : IOException($"{root}: there is no object '{key}'.")
{
    public ObjectKey Key { get; } = key;
}

/// <summary>An object already stands under this key; objects are immutable.</summary>
public sealed class ObjectExistsException(Uri root, ObjectKey key)
    : IOException($"{root}: object '{key}' already exists, and objects are never overwritten.")
{
    public ObjectKey Key { get; } = key;
}
