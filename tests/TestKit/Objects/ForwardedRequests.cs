using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ChangeDetection.TestKit.Objects;

/// <summary>Passes requests on to a real server as they are, signatures and host name included, and its answers back.</summary>
internal sealed class ForwardedRequests(Uri upstream) : IDisposable
{
    private static readonly HashSet<string> s_ofTheConnection = new(
        ["Connection", "Keep-Alive", "Transfer-Encoding", "Expect"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    public void Dispose() => _client.Dispose();

    internal async Task ServeAsync(HttpContext context, ServedBody body)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{upstream.GetLeftPart(UriPartial.Authority)}{target}");
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers.Where(header => !s_ofTheConnection.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        using var response = await _client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !s_ofTheConnection.Contains(header.Key)))
            context.Response.Headers[name] = values.ToArray();
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await using var content = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await body.SendAsync(content, response.Content.Headers.ContentLength ?? long.MaxValue);
    }
}
