using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Faults;

/// <summary>How a process of ours ends that nobody asked to: with one line on standard error, and an exit code by which whoever watches it tells.</summary>
public static class ProcessFault
{
    /// <summary>Something failed; to start again may help.</summary>
    public const int Failed = 1;

    /// <summary>A setting is wrong; to start again cannot help.</summary>
    public const int Wrong = 2;

    /// <summary>Says why a process ends, and returns its exit code.</summary>
    /// <param name="process">Such as <c>the worker</c>.</param>
    /// <param name="cause">Null: it stopped, and nothing says why.</param>
    public static int Report(TextWriter error, string process, Exception? cause)
    {
        if (cause is SettingsException or StoreUriException or DataFolderException or FormatException or SystemIdentityException
            or MigrationException { IsNewer: true })
        {
            error.WriteLine($"error: {cause.Message}");
            return Wrong;
        }
        error.WriteLine($"error: {process} ended by a fault: {Words(cause)}");
        return Failed;
    }

    /// <summary>
    /// The cause on one line. What is no failure of the database, of a store or of a setting is a defect of ours, and names its type and the place in our
    /// code.
    /// </summary>
    public static string Words(Exception? cause) => cause switch
    {
        null => "it stopped although nobody asked it to.",
        AggregateException { InnerExceptions: [var only] } => Words(only),
        NpgsqlException => $"the database: {DatabaseProblem.Describe(cause)}.",
        MigrationException or IOException or UnauthorizedAccessException or FormatException => OneLine(cause.Message),
        _ => $"{cause.GetType().Name}: {OneLine(cause.Message)}{Place(cause)}",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Place(Exception cause) => cause.StackTrace?.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line => line.Contains("ChangeDetection.", StringComparison.Ordinal)) is { } frame ? $" ({frame})" : "";
}
