using System.Collections.Concurrent;
using ChangeDetection.Dashboard.Live;
using ChangeDetection.TestKit;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ChangeDetection.Dashboard.Tests.Live;

[Needs(Resource.Database, Resource.Processes)]
public sealed class FeedTests(SeededDashboard dashboard)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    private int _readings;
    private Exception? _failure;
    private readonly ApplicationLifetime _host = new(NullLogger<ApplicationLifetime>.Instance);
    private Task _gate = Task.CompletedTask;
    private CancellationToken _reading;

    [Fact]
    public async Task Subscribe_ByTwoHundredViewers_ReadsOnceForAllOfThem()
    {
        var gate = new TaskCompletionSource();
        _gate = gate.Task;
        var feed = Create(TimeSpan.FromDays(1));
        var shown = new ConcurrentBag<int>();

        var subscriptions = Enumerable.Range(0, 200).Select(viewer => feed.Subscribe(_ => shown.Add(viewer))).ToList();
        gate.SetResult();

        await Eventually.TrueAsync("every viewer has seen it", () => Task.FromResult(shown.Distinct().Count() == 200), s_patience);
        Assert.Equal(1, Volatile.Read(ref _readings));
        subscriptions.ForEach(subscription => subscription.Dispose());
        Assert.False(feed.IsWatched);
    }

    [Fact]
    public async Task Dispose_OfTheLastViewer_StopsTheReading()
    {
        var feed = Create(s_pace);
        var seen = new ConcurrentQueue<Snapshot<string>>();
        var subscription = feed.Subscribe(seen.Enqueue);
        await Eventually.TrueAsync("some readings", () => Task.FromResult(seen.Count > 2), s_patience);

        subscription.Dispose();
        var after = await feed.ReadAsync(default);
        var count = Volatile.Read(ref _readings);

        // A second viewer starts it again: had the first loop gone on, two would read now.
        using var second = feed.Subscribe(seen.Enqueue);
        await Eventually.TrueAsync("the feed goes on", () => Task.FromResult(Volatile.Read(ref _readings) > count), s_patience);
        Assert.StartsWith("reading ", after.Value);
        Assert.True(feed.IsWatched);
    }

    [Fact]
    public async Task Stop_OfTheHost_StopsTheReadingAlthoughSomebodyLooks()
    {
        var feed = Create(s_pace);
        var seen = new ConcurrentQueue<Snapshot<string>>();
        using var subscription = feed.Subscribe(seen.Enqueue);
        await Eventually.TrueAsync("a reading", () => Task.FromResult(!seen.IsEmpty), s_patience);

        _host.StopApplication();

        Assert.True(_reading.IsCancellationRequested);
    }

    [Fact]
    public async Task Read_ThatFails_KeepsWhatWasShownAndSaysSo()
    {
        var feed = Create(s_pace);
        Snapshot<string>? shown = null;
        using var subscription = feed.Subscribe(snapshot => Volatile.Write(ref shown, snapshot));
        await Eventually.TrueAsync("a reading", () => Task.FromResult(Volatile.Read(ref shown) is not null), s_patience);

        Volatile.Write(ref _failure, new NpgsqlException("gone"));
        await Eventually.TrueAsync("the problem", () => Task.FromResult(Volatile.Read(ref shown)!.Problem is not null), s_patience);
        Assert.StartsWith("reading ", Volatile.Read(ref shown)!.Value);

        Volatile.Write(ref _failure, null);
        await Eventually.TrueAsync("the next reading", () => Task.FromResult(Volatile.Read(ref shown)!.Problem is null), s_patience);
    }

    private Feed<string> Create(TimeSpan pace) => new(
        new FeedSource<string>(
            async (_, cancellationToken) =>
            {
                _reading = cancellationToken;
                await _gate;
                return Volatile.Read(ref _failure) is { } failure ? throw failure : $"reading {Interlocked.Increment(ref _readings)}";
            },
            _ => pace),
        new RunChangeSignal(dashboard.Database.DataSource, TimeProvider.System, NullLogger<RunChangeSignal>.Instance),
        _host, TimeProvider.System, NullLogger<Feed<string>>.Instance);
}
