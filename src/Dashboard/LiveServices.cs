using ChangeDetection.Dashboard.Live;
using ChangeDetection.Dashboard.Queues;
using ChangeDetection.Dashboard.Runs;
using ChangeDetection.Dashboard.Workers;

namespace ChangeDetection.Dashboard;

/// <summary>The feeds, one per view, and the one connection that listens.</summary>
public static class LiveServices
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RunChangeSignal>().AddHostedService(provider => provider.GetRequiredService<RunChangeSignal>());
        services.AddFeed<RunBoard, RunBoardReader>(reader => new(reader.ReadAsync, _ => s_second));
        services.AddFeed<WorkerBoard, WorkerBoardReader>(reader => new(reader.ReadAsync, _ => s_second));
        services.AddFeed<QueueBoard, QueueBoardReader>(reader => new(reader.ReadAsync, _ => 2 * s_second));
        services.AddSingleton<RunDetailReader>().AddSingleton<RunFeeds>();
        return services;
    }

    private static void AddFeed<T, TReader>(this IServiceCollection services, Func<TReader, FeedSource<T>> source)
        where T : class
        where TReader : class
    {
        services.AddSingleton<TReader>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Feed<T>>(provider, source(provider.GetRequiredService<TReader>())));
    }
}
