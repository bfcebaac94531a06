using ChangeDetection.Images;
using ChangeDetection.Shards.Layouts;
using ChangeDetection.Storage;

namespace ChangeDetection.Scheduler.Commands.Dataset;

/// <summary>Turns what users can cause into a message and an exit code.</summary>
internal static class DatasetErrors
{
    public static async Task<int> ReportAsync(Terminal terminal, Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception error) when (error is PackRequestException or StoreUriException)
        {
            return Say(terminal, error, ExitCode.Wrong);
        }
        catch (Exception error) when (error is IOException or ImageException or UnauthorizedAccessException)
        {
            return Say(terminal, error, ExitCode.Failed);
        }
        catch (OperationCanceledException)
        {
            terminal.Error("Stopped. Nothing half-written stays.");
            return ExitCode.Failed;
        }
    }

    private static int Say(Terminal terminal, Exception error, int code)
    {
        foreach (var line in error.Message.Split('\n'))
            terminal.Error(line);
        return code;
    }
}
