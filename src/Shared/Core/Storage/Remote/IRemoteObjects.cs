namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// A service that objects can be read from, one request at a time and without patience: who asks again, and when, is <see cref="RequestRetries"/>'s concern.
/// Keys are relative to the root.
/// </summary>
internal interface IRemoteObjects
{
    /// <summary>As written in settings.</summary>
    Uri Root { get; }

    /// <summary>What an exception out of a request means; null when it is none of the service's.</summary>
    RequestFailure? Classify(Exception exception);

    /// <summary>Length in bytes.</summary>
    Task<long> LengthAsync(string key, CancellationToken cancellationToken);

    /// <summary>Asks for bytes from <paramref name="offset"/> on: the rest, or at most <paramref name="length"/> of it, which is above 0.</summary>
    /// <param name="version">The answer must be of this version of the object; null: of any.</param>
    Task<ObjectBody> OpenAsync(string key, long offset, long? length, string? version, CancellationToken cancellationToken);
}

/// <summary>An answer whose bytes are still on their way.</summary>
/// <param name="Length">How many will come; what comes behind them is not the caller's.</param>
/// <param name="Version">Names the object's content (its ETag), as far as the service has such a name.</param>
internal sealed record ObjectBody(Stream Content, long Length, string? Version, IDisposable Response) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Response.Dispose();
    }
}
