using System.Globalization;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Worker.Supervision;

/// <summary>How a trainer died that sent no last message.</summary>
public sealed record PostMortem
{
    private const int Killed = 128 + 9;

    /// <summary>Exit code, or 128 and the number of the signal.</summary>
    public required int ExitCode { get; init; }
    /// <summary>How long it had got nowhere when its worker gave it up; null when that was not the cause.</summary>
    public TimeSpan? HungFor { get; init; }
    /// <summary>Whether the kernel killed it for want of memory; asked only when it was killed.</summary>
    public Func<bool> OutOfMemory { get; init; } = () => false;
    /// <summary>Its resident size at its last message, in bytes.</summary>
    public long ResidentBytes { get; init; }
    /// <summary>The last lines it wrote, oldest first.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];

    /// <summary>The cause for people, and whether another attempt can help. Only a lack of memory would repeat itself for certain.</summary>
    public (string Cause, bool Retryable) Judge()
    {
        var (cause, retryable) = this switch
        {
            { HungFor: { } silence } => ($"hang: no step, evaluated batch or checkpoint for {Describe(silence)}, so it was killed at {Resident}", true),
            { ExitCode: Killed } when OutOfMemory() => (
                $"out of memory: the kernel killed the trainer at {Resident}. Lower train.batch_size or dataset.train.crop, or give the worker " +
                    "more memory", false),
            { ExitCode: Killed } => ($"killed (SIGKILL) from outside at {Resident}", true),
            { ExitCode: > 128 } => ($"trainer {ExitStatus.Describe(ExitCode)} at {Resident}", true),
            _ => ($"trainer {ExitStatus.Describe(ExitCode)} without saying why", true),
        };
        return (LastLines.Count == 0 ? cause : $"{cause}; its last lines:\n{string.Join('\n', LastLines)}", retryable);
    }

    private string Resident => string.Create(CultureInfo.InvariantCulture, $"{ResidentBytes >> 20} MiB resident");

    private static string Describe(TimeSpan silence) => silence < TimeSpan.FromMinutes(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{silence.TotalSeconds:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{silence.TotalMinutes:0.#} min");
}
