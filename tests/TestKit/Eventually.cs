using System.Diagnostics;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>Waits for a condition with a deadline, instead of sleeping and hoping.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(25);

    /// <summary>Polls until the condition holds; fails the test, naming what it waited for, when the deadline passes.</summary>
    public static async Task TrueAsync(string what, Func<Task<bool>> condition, TimeSpan deadline)
    {
        await GetAsync<object>(what, async () => await condition() ? new object() : null, deadline);
    }

    /// <summary>Polls until a value is there, and returns it.</summary>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> probe, TimeSpan deadline) where T : class
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_poll);
        do
        {
            if (await probe() is { } value)
                return value;
        }
        while (clock.Elapsed < deadline && await timer.WaitForNextTickAsync());
        Assert.Fail($"Waited {deadline.TotalSeconds:0.#} s in vain for: {what}.");
        throw new UnreachableException();
    }
}
