namespace ChangeDetection.Core.Storage;

/// <summary>What a put left behind whose process was killed: a temporary file, an upload that was never completed.</summary>
/// <param name="Name">Names it within its store; no object key.</param>
/// <param name="IdleSince">When it was last written to.</param>
public sealed record UnfinishedPut(string Name, long Bytes, DateTimeOffset IdleSince);
