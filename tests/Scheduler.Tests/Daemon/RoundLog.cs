using System.Collections.Concurrent;
using ChangeDetection.Scheduler.Daemon;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>What the rounds of a collection say.</summary>
internal sealed class RoundLog : ILogger<GarbageCollection>
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>How many rounds broke off because of a system's mark.</summary>
    public int Refused(Guid system) => _lines.Count(line => line.Contains($"{system}", StringComparison.Ordinal));

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));
}
