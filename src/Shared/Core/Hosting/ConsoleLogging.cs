using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ChangeDetection.Core.Hosting;

/// <summary>How every program of the system logs.</summary>
public static class ConsoleLogging
{
    /// <summary>
    /// A line for each entry, with its time, on standard error: standard output carries results alone. Nothing else logs; below warnings nothing is
    /// logged.
    /// </summary>
    public static ILoggingBuilder UseLines(this ILoggingBuilder logging)
    {
        logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = UtcTime.LogFormat;
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging;
    }
}
