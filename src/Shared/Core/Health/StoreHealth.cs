using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Health;

/// <summary>
/// Whether objects can be written, read back, kept and deleted from this machine: one small object goes the whole way. What a check left that was
/// killed on it, a later one takes away.
/// </summary>
public static class StoreHealth
{
    public const string Name = "store";

    /// <summary>How long the check may take: a service that does not answer is asked again within it.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Where the objects of checks lie, beside those of runs.</summary>
    private const string Root = "health/";

    private const string Stamp = "yyyyMMdd'T'HHmmss'Z'";
    private const int Bytes = 64 * 1024;
    private const int Tries = 3;
    private static readonly TimeSpan s_leftAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Opens the store with less patience than work has: here it is asked whether it answers.</summary>
    /// <exception cref="StoreUriException">The address is not one of a store.</exception>
    public static Task<HealthFinding> CheckAsync(Uri store, TimeProvider time, CancellationToken cancellationToken)
    {
        var usual = StorageSettings.OfEnvironment();
        var opened = ObjectStores.Open(store, usual with
        {
            Tries = Math.Min(usual.Tries, Tries),
            RetryFor = usual.RetryFor < s_patience ? usual.RetryFor : s_patience,
            IdleTimeout = usual.IdleTimeout < s_patience ? usual.IdleTimeout : s_patience,
        });
        return BoundedCheck.RunAsync(Name, Limit, token => CheckAsync(opened, time, token), time, cancellationToken);
    }

    /// <summary>The check itself, of a store that is open.</summary>
    public static async Task<HealthFinding> CheckAsync(IObjectStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (FullDisk(store.Root) is { } full)
            return full;
        var step = "written to";
        var key = new ObjectKey(Root + time.GetUtcNow().ToString(Stamp, CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N"));
        var bytes = new byte[Bytes];
        new Random(Bytes).NextBytes(bytes);
        try
        {
            var start = time.GetTimestamp();
            await store.PutAsync(key, (stream, token) => stream.WriteAsync(bytes, token).AsTask(), cancellationToken);
            var written = time.GetElapsedTime(start);
            step = "read";
            start = time.GetTimestamp();
            var hash = await HashAsync(store, key, cancellationToken);
            var read = time.GetElapsedTime(start);
            if (hash != Convert.ToHexStringLower(SHA256.HashData(bytes)))
            {
                return HealthFinding.Failure(
                    Name, $"{store.Root}", "an object of 64 KiB came back with another SHA-256 than it was written with.",
                    "Trust it with nothing; look at its disk or service.");
            }
            step = "asked to keep an object";
            var keeps = await KeepsAsync(store, key, cancellationToken);
            step = "written to";
            await store.DeleteAsync(key, cancellationToken);
            await DeleteLeftBehindAsync(store, time.GetUtcNow() - s_leftAfter, cancellationToken);
            var seen = string.Create(
                CultureInfo.InvariantCulture,
                $"{store.Root}: 64 KiB written in {written.TotalMilliseconds:0} ms, read back in {read.TotalMilliseconds:0} ms");
            return keeps
                ? HealthFinding.Good(Name, $"{seen}, a key that is taken is kept")
                : HealthFinding.Warning(
                    Name, seen, "the service overwrites a key that is taken (it ignores If-None-Match).",
                    "Use a service that knows conditional writes: there, two that write one key in the same instant cannot harm each other.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return HealthFinding.Failure(
                Name, $"{store.Root}", $"it cannot be {step} from {Environment.MachineName}: {exception.Message.TrimEnd('.')}.",
                "Let this account use it, make room, or mount it; every process of a system needs it alike.");
        }
    }

    private static HealthFinding? FullDisk(Uri root) =>
        root.IsFile && DiskHealth.Room(root.LocalPath) is { } room && room.Free < DiskHealth.Least
            ? HealthFinding.Failure(
                Name, $"{root}", $"its disk is full: {room}.",
                "Make room: delete what is not needed, take what is no longer kept away (changedetection checkpoint gc), or give it a larger disk.")
            : null;

    /// <summary>Whether a second object of the same key is refused, by the service itself where there is one.</summary>
    private static async Task<bool> KeepsAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        if (store is BucketObjectStore bucket)
            return await bucket.KeepsAsync(key, cancellationToken);
        try
        {
            await store.PutAsync(key, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes("another"), token).AsTask(), cancellationToken);
            return false;
        }
        catch (ObjectExistsException)
        {
            return true;
        }
    }

    private static async Task<string> HashAsync(IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(key, 0, null, cancellationToken);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    private static async Task DeleteLeftBehindAsync(IObjectStore store, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var limit = Root + before.ToString(Stamp, CultureInfo.InvariantCulture);
        await foreach (var item in store.ListAsync(Root, cancellationToken))
        {
            if (string.CompareOrdinal(item.Key.Value, limit) < 0)
                await store.DeleteAsync(item.Key, cancellationToken);
        }
    }
}
