namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// A service that objects are also written to, again one request at a time. Every object carries a mark, drawn by the put that made it: so a put whose answer
/// was lost finds out whether the object that is there now is its own.
/// </summary>
internal interface IBucket : IRemoteObjects
{
    /// <summary>Makes a whole object, unless the key is taken (<see cref="FailureKind.Condition"/>).</summary>
    Task PutAsync(string key, PartBody body, string mark, CancellationToken cancellationToken);

    /// <summary>Begins an object that will be put together from parts, and names the upload.</summary>
    Task<string> BeginAsync(string key, string mark, CancellationToken cancellationToken);

    /// <param name="number">From 1 on.</param>
    /// <returns>What the service calls the part.</returns>
    Task<string> PutPartAsync(string key, string upload, int number, PartBody body, CancellationToken cancellationToken);

    /// <summary>Puts the object together, unless the key is taken (<see cref="FailureKind.Condition"/>).</summary>
    Task CompleteAsync(string key, string upload, IReadOnlyList<string> parts, string mark, CancellationToken cancellationToken);

    /// <summary>Forgets an upload and its parts; one that is not there is <see cref="FailureKind.Absent"/> or no error.</summary>
    Task AbortAsync(string key, string upload, CancellationToken cancellationToken);

    /// <summary>The mark of an object; null where it has none.</summary>
    Task<string?> MarkAsync(string key, CancellationToken cancellationToken);

    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Some objects whose key starts with the prefix, in ordinal order. Also such as no key of ours can name.</summary>
    /// <param name="after">Where the page before ended; null for the first.</param>
    Task<ListedPage<ListedObject>> ListAsync(string prefix, string? after, CancellationToken cancellationToken);

    /// <summary>Some uploads that were begun and neither completed nor aborted, with when they were last written to.</summary>
    Task<ListedPage<UnfinishedPut>> ListUnfinishedAsync(string? after, CancellationToken cancellationToken);

    /// <summary>Forgets one of these by its name.</summary>
    Task DeleteUnfinishedAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Next">Where the next page goes on; null behind the last.</param>
internal sealed record ListedPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>An object as its service lists it; its key may break our rules.</summary>
internal sealed record ListedObject(string Key, long Length);
