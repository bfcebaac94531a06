namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>How a private cluster is run.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>Off: commits are not flushed to the disk. For tests alone, whose data may go with a power cut.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How long a start may take, recovery after a crash included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a stop may take before a harder one is tried.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
