namespace ChangeDetection.Core.Hosting;

/// <summary>What to start as a child process, and where its output goes.</summary>
/// <param name="Name">As people read it: <c>worker-1</c>.</param>
/// <param name="Program">A path, or a name on PATH.</param>
public sealed record ChildCommand(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Added to our own environment; null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where its standard output and standard error are appended, line by line; kept below 20 MiB.</summary>
    public string? LogFile { get; init; }

    /// <summary>Called with each line, one at a time, on a thread of the pool.</summary>
    public Action<string>? OnLine { get; init; }
}
