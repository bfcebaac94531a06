namespace ChangeDetection.Core.Storage;

/// <summary>The service answered, and asking again would bring the same answer: no permission, no such bucket, a request it does not serve.</summary>
public sealed class StorageRefusedException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The service did not do its work, although it was asked several times over some time.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>An object has become another one while it was read. Objects are immutable; somebody wrote past us.</summary>
public sealed class ObjectReplacedException(Uri root, ObjectKey key)
    : IOException($"{root}: '{key}' was replaced while it was read. Read it again; and let nobody overwrite objects of a store that is in use.")
{
    public ObjectKey Key { get; } = key;
}
