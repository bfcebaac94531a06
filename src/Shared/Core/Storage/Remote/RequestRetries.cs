using System.Globalization;
using System.Security.Cryptography;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// The one place that asks again: with exponential back-off and jitter, no earlier than the service wishes (Retry-After), a bounded number of times within
/// a bounded time. The providers' libraries have their own retries switched off: none of them bounds the whole, watches for silence and heeds
/// Retry-After alike.
/// </summary>
internal sealed class RequestRetries(IRemoteObjects service, StorageSettings settings, TimeProvider time)
{
    private static readonly BackOff s_backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(20));

    internal StorageSettings Settings => settings;
    internal TimeProvider Time => time;

    /// <summary>The same, without much patience: for tidying up behind a failure, which must not take as long once more.</summary>
    internal RequestRetries Brief => new(service, settings with { Tries = Math.Min(settings.Tries, 3), RetryFor = TimeSpan.FromSeconds(5) }, time);

    /// <summary>Sends a request until it succeeds.</summary>
    /// <param name="what">What it does, for people: <c>reading 'key'</c>.</param>
    /// <param name="request">Sends it once, under the limit's token; is called anew for each try.</param>
    /// <exception cref="RequestException">It failed in a way that the caller tells apart.</exception>
    /// <exception cref="StorageRefusedException">It will always fail.</exception>
    /// <exception cref="StorageUnavailableException">It failed until patience was at its end.</exception>
    internal async Task<T> RunAsync<T>(string what, Func<IdleLimit, Task<T>> request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            using var limit = new IdleLimit(settings.IdleTimeout, time, cancellationToken);
            RequestFailure failure;
            Exception cause;
            try
            {
                return await request(limit);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Classify(exception, limit) is { } judged)
            {
                (failure, cause) = (judged, exception);
            }
            catch (Exception exception) when (
                exception is not OperationCanceledException && cancellationToken.IsCancellationRequested && service.Classify(exception) is not null)
            {
                // Libraries have exceptions of their own for a request that was broken off.
                throw new OperationCanceledException(cancellationToken);
            }
            if (failure.Kind is FailureKind.Refused)
                throw new StorageRefusedException($"{service.Root}: {what} was refused: {failure.Message}", ForPeople(cause));
            if (failure.Kind is not FailureKind.Transient)
                throw new RequestException($"{service.Root}: {what} failed: {failure.Message}.", failure);
            await PauseAsync(what, tries, failure, began, cause, cancellationToken);
        }
    }

    internal Task RunAsync(string what, Func<IdleLimit, Task> request, CancellationToken cancellationToken) =>
        RunAsync<object?>(what, async limit =>
        {
            await request(limit);
            return null;
        }, cancellationToken);

    /// <summary>Waits before the next try; throws when there shall be none.</summary>
    /// <param name="tries">How many there have been.</param>
    /// <param name="began">Timestamp of the first.</param>
    /// <exception cref="StorageUnavailableException">Patience is at its end.</exception>
    internal async Task PauseAsync(string what, int tries, RequestFailure failure, long began, Exception cause, CancellationToken cancellationToken)
    {
        var elapsed = time.GetElapsedTime(began);
        var pause = Pause(tries) + (failure.RetryAfter ?? TimeSpan.Zero);
        if (tries >= settings.Tries || elapsed + pause > settings.RetryFor)
        {
            var asked = failure.RetryAfter is { } after
                ? string.Create(CultureInfo.InvariantCulture, $", and asked to be left alone for {after.TotalSeconds:0.#} s") : "";
            throw new StorageUnavailableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{service.Root}: {what} failed {tries} times in {elapsed.TotalSeconds:0.#} s; at last: {failure.Message}{asked}. ") +
                "Look whether the service is up and can be reached from here.", ForPeople(cause));
        }
        await Task.Delay(pause, time, cancellationToken);
    }

    /// <summary>From half of an exponentially growing time to all of it, so that many who failed together do not come back together.</summary>
    private static TimeSpan Pause(int tries) => s_backOff.Pause(tries) * (RandomNumberGenerator.GetInt32(500, 1001) / 1000.0);

    private RequestFailure? Classify(Exception exception, IdleLimit limit) => limit.Expired
        ? new RequestFailure(FailureKind.Transient, string.Create(CultureInfo.InvariantCulture, $"nothing moved for {limit.Patience.TotalSeconds:0.#} s"))
        : service.Classify(exception);

    /// <summary>A library's exception about an answer may quote headers or the request's signature, and exceptions are logged whole.</summary>
    private static Exception? ForPeople(Exception cause) => cause is HttpRequestException or IOException ? cause : null;
}
