namespace ChangeDetection.Core.Storage.Remote;

/// <summary>The reading half of every store on the network.</summary>
internal sealed class RemoteReads(IRemoteObjects objects, RequestRetries retries)
{
    internal Uri Root => objects.Root;

    /// <inheritdoc cref="IObjectStore.LengthAsync"/>
    internal async Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await retries.RunAsync($"looking for '{key}'", limit => objects.LengthAsync(key.Value, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Absent)
        {
            return null;
        }
    }

    /// <inheritdoc cref="IObjectStore.OpenReadAsync"/>
    internal async Task<Stream> OpenAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        // No range of HTTP is empty.
        if (length == 0)
            return await LengthAsync(key, cancellationToken) is null ? throw new ObjectNotFoundException(Root, key) : Stream.Null;
        var body = await RequestAsync(key, offset, length, version: null, cancellationToken);
        return body is null ? Stream.Null : new ResumingStream(this, retries, key, offset, body);
    }

    /// <summary>Null when the object ends before the range.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    /// <exception cref="ObjectReplacedException">It is no longer of that version.</exception>
    internal async Task<ObjectBody?> RequestAsync(ObjectKey key, long offset, long? length, string? version, CancellationToken cancellationToken)
    {
        try
        {
            return await retries.RunAsync($"reading '{key}'", limit => objects.OpenAsync(key.Value, offset, length, version, limit.Token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.OutOfRange)
        {
            return null;
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Absent)
        {
            throw new ObjectNotFoundException(Root, key);
        }
        catch (RequestException exception) when (exception.Kind is FailureKind.Condition)
        {
            throw new ObjectReplacedException(Root, key);
        }
    }
}
