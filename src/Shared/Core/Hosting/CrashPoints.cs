namespace ChangeDetection.Core.Hosting;

/// <summary>Every place of <see cref="CrashPoint"/>, by the name that arms it. Tests kill a process at each of them.</summary>
public static class CrashPoints
{
    // In a worker.

    /// <summary>The claim is committed, and no trainer has been started.</summary>
    public const string AttemptClaimed = "attempt-claimed";
    /// <summary>A checkpoint's row is written, and its transaction not committed.</summary>
    public const string CheckpointRowWritten = "checkpoint-row-written";
    /// <summary>A checkpoint's row is committed, and its trainer not told.</summary>
    public const string CheckpointPublished = "checkpoint-published";
    /// <summary>The trainer has ended, and its attempt's end is not recorded.</summary>
    public const string AttemptEnding = "attempt-ending";

    // In a trainer.

    /// <summary>A sample's bytes are being read from its shard.</summary>
    public const string SampleReading = "sample-reading";
    /// <summary>Gradients are computed, and the weights not yet changed.</summary>
    public const string StepHalfDone = "step-half-done";
    /// <summary>A step is done and counted, and not reported.</summary>
    public const string StepDone = "step-done";
    /// <summary>A checkpoint is due, and nothing of it written.</summary>
    public const string CheckpointBeforePut = "checkpoint-before-put";
    /// <summary>The first object of a checkpoint is durable, the others are not there.</summary>
    public const string CheckpointAfterWeights = "checkpoint-after-weights";
    /// <summary>All objects of a checkpoint are durable, and it has not been offered.</summary>
    public const string CheckpointAfterManifest = "checkpoint-after-manifest";
    /// <summary>The last checkpoint is published, and the trainer has not said that it is done.</summary>
    public const string TrainingDone = "training-done";

    // In a trainer that predicts.

    /// <summary>A strip's object is durable, and it has not been offered.</summary>
    public const string StripStored = "strip-stored";
    /// <summary>A strip is offered, and the next one not begun.</summary>
    public const string StripOffered = "strip-offered";
    /// <summary>An output is durable, and it has not been offered.</summary>
    public const string OutputStored = "output-stored";

    // In whoever puts an object into a folder.

    /// <summary>The temporary file has all its bytes, and they are not flushed.</summary>
    public const string PutWritten = "put-written";
    /// <summary>The temporary file is durable, and has no name.</summary>
    public const string PutBeforeRename = "put-before-rename";
    /// <summary>The object has its name, and the name is not flushed.</summary>
    public const string PutRenamed = "put-renamed";

    // In a trainer that keeps copies of shards.

    /// <summary>A shard is being copied into the cache.</summary>
    public const string ShardFetching = "shard-fetching";
    /// <summary>A copy that makes way for another is locked, and still there.</summary>
    public const string ShardEvicting = "shard-evicting";

    // In whoever collects objects.

    /// <summary>Objects are deleted, and the row that says so is still there.</summary>
    public const string ObjectsCollected = "objects-collected";

    // In whoever makes a backup or restores one.

    /// <summary>The rows are in the unfinished backup, and no object yet.</summary>
    public const string BackupDumped = "backup-dumped";
    /// <summary>The backup is complete and on the disk, and does not have its name.</summary>
    public const string BackupBeforeRename = "backup-before-rename";
    /// <summary>The objects are in the new store, and the database is empty.</summary>
    public const string RestoreStored = "restore-stored";
    /// <summary>Everything is restored, and the folder does not have its name.</summary>
    public const string RestoreBeforeRename = "restore-before-rename";

    // In whoever deletes runs.

    /// <summary>The rows are deleted, and their transaction not committed.</summary>
    public const string DeletionWritten = "deletion-written";
    /// <summary>The rows are gone, and nobody has been told.</summary>
    public const string DeletionCommitted = "deletion-committed";

    /// <summary>Those on the road of an attempt.</summary>
    public static IReadOnlyList<string> OfAttempts { get; } =
    [
        AttemptClaimed, SampleReading, StepHalfDone, StepDone, CheckpointBeforePut, PutWritten, PutBeforeRename, PutRenamed, CheckpointAfterWeights,
        CheckpointAfterManifest, CheckpointRowWritten, CheckpointPublished, TrainingDone, AttemptEnding,
    ];

    /// <summary>Those of the collection of objects that nobody refers to.</summary>
    public static IReadOnlyList<string> OfCollection { get; } = [ObjectsCollected];

    /// <summary>Those of backups and their restoration.</summary>
    public static IReadOnlyList<string> OfBackups { get; } = [BackupDumped, BackupBeforeRename, RestoreStored, RestoreBeforeRename];

    /// <summary>Those of a deletion, whose objects are collected.</summary>
    public static IReadOnlyList<string> OfDeletion { get; } = [DeletionWritten, DeletionCommitted];

    /// <summary>Those of a predict run, beside those of every attempt and put.</summary>
    public static IReadOnlyList<string> OfPrediction { get; } = [StripStored, StripOffered, OutputStored];

    /// <summary>Those of the shard cache, beside those of every put.</summary>
    public static IReadOnlyList<string> OfCache { get; } = [ShardFetching, ShardEvicting];
}
