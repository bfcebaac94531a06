using System.Globalization;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Where a test can hold a training between two steps, so that the run is not over before the test has acted on it.
/// <c>CHANGEDETECTION_HOLD_POINT=/FOLDER</c>: a file in the folder, named after an experiment, holds its runs behind the step that stands in it, and behind any
/// later one, until the file is gone or the worker asks for an end. Without the variable a step costs one comparison.
/// </summary>
public static class HoldPoint
{
    public const string Variable = "CHANGEDETECTION_HOLD_POINT";

    /// <summary>A test that takes longer has lost its way.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private static readonly string? s_folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Waits a moment and returns true while the run is held: ask again.</summary>
    /// <param name="experiment">Name of the run's experiment.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="stop">Ends the wait: the worker asks for an end.</param>
    /// <exception cref="TimeoutException">The file has been there for ten minutes.</exception>
    /// <exception cref="FormatException">The file does not hold a number.</exception>
    public static bool Holds(string experiment, long step, CancellationToken stop) =>
        s_folder is not null && HoldsByFile(Path.Combine(s_folder, experiment), step, stop);

    internal static bool HoldsByFile(string file, long step, CancellationToken stop)
    {
        if (StepIn(file) is not { } from || step < from)
            return false;
        if (TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > Limit && File.Exists(file))
            throw new TimeoutException(
                $"{Variable}: '{file}' has held this run at step {step} for {Limit.TotalMinutes:0} minutes. Delete the file to let it go on.");
        return !stop.WaitHandle.WaitOne(s_look);
    }

    private static long? StepIn(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? step
                : throw new FormatException($"{Variable}: '{file}' holds no step. Write a whole number into it.");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
