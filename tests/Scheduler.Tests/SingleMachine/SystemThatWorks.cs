using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>A real <c>up</c> with one worker, for the tests of one class.</summary>
public sealed class SystemThatWorks : IAsyncLifetime
{
    public SystemUnderTest System { get; private set; } = null!;

    public async ValueTask InitializeAsync() => System = await SystemUnderTest.StartAsync(workers: 1);

    public ValueTask DisposeAsync() => System.DisposeAsync();
}
