using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// A web server on loopback between a test and its objects: the files of a folder, or another server's. It keeps a line as slow as the test wants it, and
/// does what the test's faults say.
/// </summary>
public sealed class ObjectServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Line _line = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<HttpContext, ServedBody, Task> _serve;
    private readonly IDisposable? _upstream;
    private volatile ObjectFault[] _faults = [];

    private ObjectServer(Func<HttpContext, ServedBody, Task> serve, IDisposable? upstream)
    {
        (_serve, _upstream) = (serve, upstream);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Ends with a slash.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Before each answer; may be changed at any time.</summary>
    public TimeSpan Latency { get => _line.Latency; set => _line.Latency = value; }

    /// <summary>Of all connections together; null: as fast as it goes.</summary>
    public long? BytesPerSecond { get => _line.BytesPerSecond; set => _line.BytesPerSecond = value; }

    /// <summary>Bytes of bodies that were sent.</summary>
    public long BytesSent => _line.Bytes;

    /// <summary>Every request so far: <c>GET /key bytes=0-9</c>.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Serves the files of a folder, read-only.</summary>
    public static Task<ObjectServer> ServeAsync(string folder) => StartAsync(new ObjectServer(new ServedFolder(folder).ServeAsync, upstream: null));

    /// <summary>Stands before another server.</summary>
    /// <param name="around">What is done about each request besides passing it on, which its second argument does.</param>
    public static Task<ObjectServer> BeforeAsync(Uri upstream, Func<HttpContext, Func<Task>, Task>? around = null)
    {
        var forwarded = new ForwardedRequests(upstream);
        Func<HttpContext, ServedBody, Task> serve = around is null
            ? forwarded.ServeAsync
            : (context, body) => around(context, () => forwarded.ServeAsync(context, body));
        return StartAsync(new ObjectServer(serve, forwarded));
    }

    /// <summary>From now on these faults, and no others.</summary>
    public void Fail(params ObjectFault[] faults) => _faults = faults;

    /// <summary>No faults any more.</summary>
    public void Heal() => _faults = [];

    public async ValueTask DisposeAsync()
    {
        // Not in order: a client that waits for a stalled body would be waited for.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _upstream?.Dispose();
    }

    private static async Task<ObjectServer> StartAsync(ObjectServer server)
    {
        await server._app.StartAsync();
        return server;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        _requests.Enqueue($"{request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget} {request.Headers.Range}".TrimEnd());
        try
        {
            await _line.DelayAsync(context.RequestAborted);
            var fault = _faults.FirstOrDefault(one => one.Strikes(request));
            fault?.Before?.Invoke();
            if (fault?.Delay is { } delay)
                await Task.Delay(delay, context.RequestAborted);
            if (fault?.Status is { } status)
                Answer(context.Response, status, fault.RetryAfter);
            else if (fault is { LosesAnswer: true })
                await LoseAsync(context);
            else
                await _serve(context, new ServedBody(context, _line, fault));
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The client has gone.
        }
    }

    private static void Answer(HttpResponse response, int status, TimeSpan? retryAfter)
    {
        response.StatusCode = status;
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    private async Task LoseAsync(HttpContext context)
    {
        var body = context.Features.Get<IHttpResponseBodyFeature>()!;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        await _serve(context, new ServedBody(context, _line, fault: null));
        context.Features.Set(body);
        context.Abort();
    }
}
