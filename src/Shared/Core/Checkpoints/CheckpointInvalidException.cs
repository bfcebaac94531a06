namespace ChangeDetection.Core.Checkpoints;

/// <summary>A file or object is not an intact checkpoint. Nothing was loaded from it.</summary>
/// <param name="subject">The file or object key.</param>
/// <param name="problem">The rule that is broken, and the remedy where there is one.</param>
public sealed class CheckpointInvalidException(string subject, string problem, Exception? inner = null)
    : Exception($"{subject}: {problem}", inner)
{
    public string Subject { get; } = subject;
    public string Problem { get; } = problem;
}
