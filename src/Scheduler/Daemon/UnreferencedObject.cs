namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Why nobody refers to an object any more.</summary>
public enum LeftoverKind
{
    /// <summary>A checkpoint that its run's retention no longer keeps.</summary>
    Retired,
    /// <summary>The optimizer's state of a checkpoint whose weights are kept.</summary>
    Optimizer,
    /// <summary>Written by an attempt that ended before it was published, or of a run that was deleted.</summary>
    Orphaned,
    /// <summary>A put that was killed before its object had a name.</summary>
    Unfinished,
}

/// <summary>What becomes of it.</summary>
public enum LeftoverFate
{
    /// <summary>Its grace time has not ended.</summary>
    Waits,
    /// <summary>A run may be reading it, or a backup is being made.</summary>
    Held,
    /// <summary>It would go now.</summary>
    Due,
    /// <summary>It is gone.</summary>
    Collected,
    /// <summary>The store would not delete it; the next collection tries again.</summary>
    Failed,
}

/// <summary>An object, or the objects of a checkpoint, that nobody refers to.</summary>
/// <param name="Key">Its key or prefix; of an unfinished put, the name of its temporary file.</param>
/// <param name="Why">For people.</param>
/// <param name="DueAt">When its grace time ends.</param>
/// <param name="HeldBy">The run that may be reading it.</param>
/// <param name="Problem">Why it could not be deleted.</param>
public sealed record UnreferencedObject(
    LeftoverKind Kind, string Key, long Bytes, string Why, LeftoverFate Fate, DateTime? DueAt = null, Guid? HeldBy = null, string? Problem = null);
