using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>Files of a web server: HEAD and ranged GET.</summary>
internal sealed class HttpFiles(Uri root, HttpClient client) : IRemoteObjects
{
    private const int MaxRedirects = 5;
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);
    private static readonly Lazy<HttpClient> s_anywhere = new(() => Client(new SocketsHttpHandler()));

    // A proxy would connect for us, past the check of the address.
    private static readonly Lazy<HttpClient> s_public = new(
        () => Client(new SocketsHttpHandler { ConnectCallback = PublicAddresses.ConnectAsync, UseProxy = false }));

    private readonly string _base = root.AbsoluteUri.TrimEnd('/') + '/';

    /// <summary>Clients are the process's: connections are kept and shared.</summary>
    internal static HttpFiles At(Uri root, StorageSettings settings) => new(root, (settings.AllowPrivateAddresses ? s_anywhere : s_public).Value);

    public Uri Root => root;

    public async Task<long> LengthAsync(string key, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Head, key, _ => { }, cancellationToken);
        return response.Content.Headers.ContentLength
            ?? throw new HttpAnswerException(
                new(FailureKind.Refused, "it does not say how long the file is (Content-Length). Serve the files as they are, without compression."));
    }

    public async Task<ObjectBody> OpenAsync(string key, long offset, long? length, string? version, CancellationToken cancellationToken)
    {
        var response = await SendAsync(HttpMethod.Get, key, request =>
        {
            if (offset > 0 || length is not null)
                request.Headers.Range = new RangeHeaderValue(offset, length is null ? null : offset + length - 1);
            // A weak tag matches nothing; the caller compares versions anyway.
            if (version is not null && EntityTagHeaderValue.TryParse(version, out var tag) && !tag.IsWeak)
                request.Headers.IfMatch.Add(tag);
        }, cancellationToken);
        try
        {
            var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            return new ObjectBody(content, Coming(response, offset, length), VersionOf(response), response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public RequestFailure? Classify(Exception exception) =>
        exception is HttpAnswerException answer ? answer.Failure : RequestFailure.OfConnection(exception);

    private static HttpClient Client(SocketsHttpHandler handler)
    {
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.MaxAutomaticRedirections = MaxRedirects;
        handler.PooledConnectionLifetime = s_connectionLifetime;
        handler.UseCookies = false;
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string key, Action<HttpRequestMessage> prepare, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _base + key);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        prepare(request);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new HttpAnswerException(Failure(response));
    }

    private static RequestFailure Failure(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400 and not 304)
            return new(
                FailureKind.Refused,
                string.Create(
                CultureInfo.InvariantCulture,
                $"status {status}, a redirect that is not followed (the {MaxRedirects + 1}th in a row, or from https to http). Name the address " +
                $"it leads to."));
        return RequestFailure.OfStatus(status, code: null, RetryAfter(response),
            "The file may not be read without a login, and data sets by HTTP are read without one. Open it to the workers, or use a store with " +
                "credentials (s3://, az://).");
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } when response.Headers.Date is { } now && date > now => date - now,
        _ => null,
    };

    /// <summary>How much of what was asked for will come. A server that ignores ranges sends the whole file, which serves for its beginning alone.</summary>
    private static long Coming(HttpResponseMessage response, long offset, long? length)
    {
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw new HttpAnswerException(
                new(FailureKind.Refused, "it is sent compressed, though as it is was asked for. Switch compression off for these files."));
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode is HttpStatusCode.PartialContent && (range is null || range.From != offset))
            throw new HttpAnswerException(new(FailureKind.Refused, $"another part came than was asked for ({range})."));
        if (response.StatusCode is not HttpStatusCode.PartialContent && offset > 0)
            throw new HttpAnswerException(
                new(FailureKind.Refused,
                    "the server does not serve parts of files (Range). Use one that does: nearly every web server and all object stores."));
        var sent = response.Content.Headers.ContentLength
            ?? throw new HttpAnswerException(
                new(FailureKind.Refused, "it does not say how much it sends (Content-Length). Serve the files as they are, without compression."));
        return Math.Min(sent, length ?? long.MaxValue);
    }

    private static string? VersionOf(HttpResponseMessage response) =>
        response.Headers.ETag?.ToString() ?? response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>The server answered, but not with what was asked for.</summary>
internal sealed class HttpAnswerException(RequestFailure failure) : Exception(failure.Message)
{
    internal RequestFailure Failure => failure;
}
