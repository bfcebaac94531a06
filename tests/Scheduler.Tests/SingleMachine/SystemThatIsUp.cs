using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>A real <c>up</c> without workers, and a small data set, for the tests of one class.</summary>
public sealed class SystemThatIsUp : IAsyncLifetime
{
    public SystemUnderTest System { get; private set; } = null!;

    public async ValueTask InitializeAsync() => System = await SystemUnderTest.StartAsync(workers: 0);

    public ValueTask DisposeAsync() => System.DisposeAsync();
}
