namespace ChangeDetection.Worker.Checkpoints;

/// <summary>Distinguishes failures of an object store (disk full, permission, network) from errors of ours.</summary>
internal static class StorageFailure
{
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException or HttpRequestException or TimeoutException;
}
