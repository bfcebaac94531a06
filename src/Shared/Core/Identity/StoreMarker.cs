using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Identity;

/// <summary>The object at a store's root that says whose store it is: <c>{ "id": "…" }</c>. Made once, and never overwritten.</summary>
public static class StoreMarker
{
    private const int MaxLength = 4096;

    /// <summary>Where it stands.</summary>
    public static ObjectKey Key { get; } = new(SystemFile.Name);

    /// <summary>The id of the system that the store belongs to; null where it bears none.</summary>
    /// <exception cref="SystemIdentityException">There is such an object, and it is no marker.</exception>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async Task<Guid?> ReadAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(Key, 0, MaxLength, cancellationToken);
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return document.RootElement.GetProperty("id").GetGuid();
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new SystemIdentityException(
                $"{store.Root}: the object {Key} is not the mark of a system ({exception.Message}). It says whose store this is: put back " +
                "{ \"id\": \"…\" } with the id in the database's table 'system'.", exception);
        }
    }

    /// <summary>Puts it, unless there is one; the id that the store bears then.</summary>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static async Task<Guid> WriteAsync(IObjectStore store, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutAsync(Key, (stream, token) => JsonSerializer.SerializeAsync(stream, new { id }, cancellationToken: token), cancellationToken);
            return id;
        }
        catch (ObjectExistsException)
        {
            return await ReadAsync(store, cancellationToken) ?? id;
        }
    }

    /// <summary>Gives a store to another id: that of the copied folder it stands in, or of the system that takes it over.</summary>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static async Task ReplaceAsync(IObjectStore store, Guid id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(store, cancellationToken) == id)
            return;
        await store.DeleteAsync(Key, cancellationToken);
        await WriteAsync(store, id, cancellationToken);
    }
}
